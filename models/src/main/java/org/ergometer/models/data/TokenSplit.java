package org.ergometer.models.data;

import org.ergometer.accounting.input.InvalidInputException;

/** Tokens to train on, and tokens to validate with. */
public record TokenSplit(TokenSequence training, TokenSequence validation) {

  /** Share of the text that is held out. */
  public static final int HELD_OUT_ONE_IN = 10;

  /**
   * The first nine tenths and the last tenth of {@code tokens}.
   *
   * @param context T: each part must hold at least T + 1 tokens, one window and its targets
   * @throws IllegalArgumentException if the tail is shorter than that
   */
  public static TokenSplit tail(TokenSequence tokens, int context) {
    long length = tokens.length();
    long cut = length - length / HELD_OUT_ONE_IN;
    if (length - cut < context + 1L) {
      throw new InvalidInputException(
          "data must hold at least %s tokens for context %s (the last tenth is held out), got %s;"
                  .formatted((context + 1L) * HELD_OUT_ONE_IN, context, length)
              + " give more text with --data or a smaller --context");
    }
    return new TokenSplit(tokens.part(0, cut), tokens.part(cut, length));
  }

  /**
   * Two sequences of whole documents.
   *
   * @param context T: each must hold at least T + 1 tokens, one window and its targets
   * @throws IllegalArgumentException if one does not
   */
  public static TokenSplit ofDocuments(
      TokenSequence training, TokenSequence validation, int context) {
    long smaller = Math.min(training.length(), validation.length());
    if (smaller < context + 1L) {
      throw new InvalidInputException(
          "data must hold at least %s tokens on each side of the split for context %s, got %s to train on and %s held out;"
                  .formatted(context + 1L, context, training.length(), validation.length())
              + " give more documents with --data, or set --split tail");
    }
    return new TokenSplit(training, validation);
  }

  /** Number of tokens in both parts. */
  public long tokens() {
    return training.length() + validation.length();
  }
}
