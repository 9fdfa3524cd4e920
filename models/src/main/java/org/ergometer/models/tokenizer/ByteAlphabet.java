package org.ergometer.models.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A printable character for each byte, as vocabularies are written since GPT-2 (Radford et al.
 * 2019): a byte that is printable in Latin-1 stands for itself, the others are numbered from U+0100
 * on. Tokens 0 to 255 are the bytes in the order of that rule.
 */
final class ByteAlphabet {

  static final int SIZE = 256;

  private static final char[] CHARACTERS = new char[SIZE];
  private static final int[] BYTE_OF_CHARACTER = new int[2 * SIZE];
  private static final int[] TOKENS = new int[SIZE];
  private static final byte[] BYTES = new byte[SIZE];

  static {
    Arrays.fill(BYTE_OF_CHARACTER, -1);
    int token = 0;
    for (int value = 0; value < SIZE; value++) {
      if (printable(value)) {
        put(value, (char) value, token++);
      }
    }
    int other = SIZE;
    for (int value = 0; value < SIZE; value++) {
      if (!printable(value)) {
        put(value, (char) other++, token++);
      }
    }
  }

  private ByteAlphabet() {}

  private static boolean printable(int value) {
    return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
  }

  private static void put(int value, char character, int token) {
    CHARACTERS[value] = character;
    BYTE_OF_CHARACTER[character] = value;
    TOKENS[value] = token;
    BYTES[token] = (byte) value;
  }

  /** The token of a single byte. */
  static int token(byte value) {
    return TOKENS[Byte.toUnsignedInt(value)];
  }

  /** The byte of one of the first 256 tokens. */
  static byte of(int token) {
    return BYTES[token];
  }

  /** Bytes as printable characters, one each. */
  static String print(byte... bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte value : bytes) {
      text.append(CHARACTERS[Byte.toUnsignedInt(value)]);
    }
    return text.toString();
  }

  /** Bytes that {@link #print} wrote; of a text that it did not write, its UTF-8 form. */
  static byte[] parse(String printed) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(printed.length());
    for (int i = 0; i < printed.length(); i++) {
      char character = printed.charAt(i);
      int value = character < BYTE_OF_CHARACTER.length ? BYTE_OF_CHARACTER[character] : -1;
      if (value < 0) {
        return printed.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(value);
    }
    return bytes.toByteArray();
  }
}
