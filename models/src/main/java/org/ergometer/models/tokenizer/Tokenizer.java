package org.ergometer.models.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** A vocabulary: maps text to tokens in [0, {@link #vocabularySize()}) and tokens back to text. */
public interface Tokenizer {

  /** Name on the command line and in files, such as {@code char}. */
  String name();

  /** Number of distinct tokens, V. */
  int vocabularySize();

  /**
   * Tokens of a text, in reading order; what looks like a special token is text like any other.
   *
   * @throws IllegalArgumentException if the text holds something the vocabulary does not
   */
  int[] encode(String text);

  /**
   * The same where a special token that is written in the text is not text; without special tokens
   * it is the same in any case.
   *
   * @throws IllegalArgumentException also if there is one and must not be
   */
  default int[] encode(String text, SpecialTokens special) {
    return encode(text);
  }

  /** Tokens that text is searched for before all else. */
  default AddedTokens added() {
    return AddedTokens.NONE;
  }

  /**
   * Text of a token sequence; {@code decode(encode(text))} equals {@code text}.
   *
   * @throws IllegalArgumentException if a token is not in the vocabulary
   */
  String decode(int... tokens);

  /**
   * The UTF-8 form of a token sequence; of tokens that are parts of characters, those bytes.
   *
   * @throws IllegalArgumentException if a token is not in the vocabulary
   */
  default byte[] decodeBytes(int... tokens) {
    return decode(tokens).getBytes(StandardCharsets.UTF_8);
  }

  /** The token that stands between two documents; empty where the vocabulary has none for it. */
  OptionalInt endOfText();

  /** Whether a text that is generated ends with a token. */
  default boolean ends(int token) {
    OptionalInt end = endOfText();
    return (end.isPresent() && end.getAsInt() == token) || added().ends(token);
  }
}
