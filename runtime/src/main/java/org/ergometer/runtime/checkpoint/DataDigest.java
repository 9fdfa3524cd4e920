package org.ergometer.runtime.checkpoint;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.ergometer.models.data.TokenSplit;
import org.ergometer.models.tokenizer.Tokenizer;

/** Tells texts apart that a run learns from, by their tokens, and tokenizers by their files. */
public final class DataDigest {

  private static final int TOKENS_AT_ONCE = 16_384;

  private DataDigest() {}

  /** SHA-256 over the tokens to train on and those held out, in hexadecimal digits. */
  public static String of(TokenSplit split) {
    MessageDigest digest = sha256();
    update(digest, split.training());
    update(digest, split.validation());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of what a tokenizer's file holds, in hexadecimal digits. */
  public static String of(Tokenizer tokenizer) {
    return HexFormat.of().formatHex(sha256().digest(TokenizerFile.bytes(tokenizer)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The number of tokens first, so that the two parts cannot run into each other. */
  private static void update(MessageDigest digest, int[] tokens) {
    ByteBuffer buffer = ByteBuffer.allocate(TOKENS_AT_ONCE * Integer.BYTES);
    buffer.putInt(tokens.length);
    for (int token : tokens) {
      if (!buffer.hasRemaining()) {
        digest.update(buffer.flip());
        buffer.clear();
      }
      buffer.putInt(token);
    }
    digest.update(buffer.flip());
  }
}
