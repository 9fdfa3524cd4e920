package org.ergometer.models.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * One token per Unicode code point that the training text contains, numbered in code point order,
 * so that the same characters always give the same vocabulary.
 */
public final class CharacterTokenizer implements Tokenizer {

  public static final String NAME = "char";

  private static final int DIRECT = 128;

  private final int[] alphabet;
  private final int[] directTokens = new int[DIRECT];
  private final Map<Integer, Integer> otherTokens = new HashMap<>();

  private CharacterTokenizer(int[] alphabet) {
    if (alphabet.length == 0) {
      throw new InvalidInputException(
          "a character vocabulary needs at least 1 character, got none; give a text with --data");
    }
    this.alphabet = alphabet;
    Arrays.fill(directTokens, -1);
    for (int token = 0; token < alphabet.length; token++) {
      if (alphabet[token] < DIRECT) {
        directTokens[alphabet[token]] = token;
      } else {
        otherTokens.put(alphabet[token], token);
      }
    }
  }

  /** The vocabulary of all characters that occur in a text. */
  public static CharacterTokenizer of(String text) {
    BitSet seen = new BitSet();
    text.codePoints().forEach(seen::set);
    return of(seen);
  }

  /** The vocabulary of a set of code points. */
  public static CharacterTokenizer of(BitSet codePoints) {
    return new CharacterTokenizer(codePoints.stream().toArray());
  }

  /** Every character of the vocabulary once, in token order; {@link #of} restores it. */
  public String characters() {
    return new String(alphabet, 0, alphabet.length);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return alphabet.length;
  }

  @Override
  public int[] encode(String text) {
    int[] tokens = text.codePoints().toArray();
    for (int i = 0; i < tokens.length; i++) {
      int token = token(tokens[i]);
      if (token < 0) {
        throw new InvalidInputException(
            "character %s at position %s is not among the %s characters the vocabulary was made of;"
                    .formatted(describe(tokens[i]), i, alphabet.length)
                + " leave it out or use --tokenizer byte");
      }
      tokens[i] = token;
    }
    return tokens;
  }

  @Override
  public String decode(int... tokens) {
    StringBuilder text = new StringBuilder(tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= alphabet.length) {
        throw new InvalidInputException(
            "token must be in [0, %s), got %s; it comes from another tokenizer"
                .formatted(alphabet.length, token));
      }
      text.appendCodePoint(alphabet[token]);
    }
    return text.toString();
  }

  /** U+0000, where the vocabulary has it: that of more documents than one does. */
  @Override
  public OptionalInt endOfText() {
    int token = directTokens[0];
    return token < 0 ? OptionalInt.empty() : OptionalInt.of(token);
  }

  private int token(int codePoint) {
    return codePoint < DIRECT ? directTokens[codePoint] : otherTokens.getOrDefault(codePoint, -1);
  }

  private static String describe(int codePoint) {
    String number = "U+%04X".formatted(codePoint);
    boolean visible = !Character.isISOControl(codePoint) && !Character.isWhitespace(codePoint);
    return visible ? "\"%s\" (%s)".formatted(Character.toString(codePoint), number) : number;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CharacterTokenizer that && Arrays.equals(alphabet, that.alphabet);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(alphabet);
  }
}
