package org.ergometer.models.data;

import java.util.function.ToDoubleFunction;

/**
 * A fixed set of windows, evenly spaced over held-out text and the same at every evaluation.
 *
 * <p>Where the text is short the windows overlap. There is one batch, refilled as the set is gone
 * through.
 */
public final class EvaluationSet {

  private final TokenSequence tokens;
  private final int batches;
  private final int batch;
  private final int context;
  private final TokenBatch current;

  /**
   * {@code batches} batches of {@code batch} windows of {@code context} tokens.
   *
   * @throws IllegalArgumentException if the text is shorter than one window and its last target
   */
  public EvaluationSet(TokenSequence tokens, int batches, int batch, int context) {
    if (tokens.length() < context + 1L) {
      throw new IllegalArgumentException(
          "validation data must hold at least context + 1 = %d tokens, got %d; give more with --data"
              .formatted(context + 1L, tokens.length()));
    }
    if (batches < 1) {
      throw new IllegalArgumentException(
          "eval-batches must be >= 1, got %d; set --eval-batches".formatted(batches));
    }
    this.tokens = tokens;
    this.batches = batches;
    this.batch = batch;
    this.context = context;
    this.current = new TokenBatch(batch, context);
  }

  /** Number of tokens in the whole set. */
  public long tokens() {
    return (long) batches * current.tokens();
  }

  /** Mean of {@code loss} over all batches; they are equally large. */
  public double mean(ToDoubleFunction<TokenBatch> loss) {
    double sum = 0;
    for (int index = 0; index < batches; index++) {
      fill(index);
      sum += loss.applyAsDouble(current);
    }
    return sum / batches;
  }

  private void fill(int index) {
    for (int row = 0; row < batch; row++) {
      current.setRow(row, tokens, offset((long) index * batch + row));
    }
    current.flush();
  }

  /** First window at the start of the text, last one at its end. */
  private long offset(long window) {
    long lastWindow = (long) batches * batch - 1;
    long lastOffset = tokens.length() - context - 1L;
    return lastWindow == 0 ? 0 : window * lastOffset / lastWindow;
  }
}
