package org.ergometer.models.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.OptionalInt;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * One token per byte of the text's UTF-8 form: 256 tokens, and no text it cannot encode.
 *
 * <p>A model may emit bytes that are no UTF-8; they decode to U+FFFD.
 */
public record ByteTokenizer() implements Tokenizer {

  public static final String NAME = "byte";

  private static final int BYTES = 256;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return BYTES;
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return tokens;
  }

  @Override
  public String decode(int... tokens) {
    return new String(decodeBytes(tokens), UTF_8);
  }

  @Override
  public byte[] decodeBytes(int... tokens) {
    byte[] bytes = new byte[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= BYTES) {
        throw new InvalidInputException(
            "token must be in [0, %s), got %s; it comes from another tokenizer"
                .formatted(BYTES, tokens[i]));
      }
      bytes[i] = (byte) tokens[i];
    }
    return bytes;
  }

  /** The byte 0, which text does not hold. */
  @Override
  public OptionalInt endOfText() {
    return OptionalInt.of(0);
  }
}
