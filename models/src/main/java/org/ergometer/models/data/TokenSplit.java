package org.ergometer.models.data;

import java.util.Arrays;

/** A token sequence cut in two: the head to train on, the tail to validate with. */
@SuppressWarnings("ArrayRecordComponent") // large and shared on purpose: nobody compares two splits
public record TokenSplit(int[] training, int[] validation) {

  /** Share of the text, from its end, that is held out. */
  private static final int HELD_OUT_ONE_IN = 10;

  /**
   * The first nine tenths and the last tenth of {@code tokens}.
   *
   * @param context T: each part must hold at least T + 1 tokens, one window and its targets
   * @throws IllegalArgumentException if the tail is shorter than that
   */
  public static TokenSplit of(int[] tokens, int context) {
    int cut = tokens.length - tokens.length / HELD_OUT_ONE_IN;
    long needed = (context + 1L) * HELD_OUT_ONE_IN;
    if (tokens.length - cut < context + 1L) {
      throw new IllegalArgumentException(
          "data must hold at least %d tokens for context %d (the last tenth is held out), got %d;"
                  .formatted(needed, context, tokens.length)
              + " give more text with --data or a smaller --context");
    }
    return new TokenSplit(
        Arrays.copyOfRange(tokens, 0, cut), Arrays.copyOfRange(tokens, cut, tokens.length));
  }
}
