package org.ergometer.runtime.checkpoint;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.ergometer.models.tokenizer.Tokenizer;

/** The digest by which texts, tokenizers and files are told apart: SHA-256. */
public final class Sha256 {

  private Sha256() {}

  /** A digest that begins. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** That of some bytes, in hexadecimal digits. */
  public static String of(byte... bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /** That of what a tokenizer's file holds, in hexadecimal digits. */
  public static String of(Tokenizer tokenizer) {
    return of(TokenizerFile.bytes(tokenizer));
  }
}
