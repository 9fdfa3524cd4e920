package org.ergometer.models.data;

import java.util.function.ToDoubleFunction;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A fixed set of windows, evenly spaced over held-out text and the same at every evaluation,
 * however many are gone through at once.
 *
 * <p>Where the text is short the windows overlap. There is one batch, refilled as the set is gone
 * through, and a smaller one for what is left at the end.
 */
public final class EvaluationSet {

  private final TokenSequence tokens;
  private final int windows;
  private final int context;
  private final TokenBatch current;
  private final @Nullable TokenBatch last;

  /**
   * {@code windows} windows of {@code context} tokens.
   *
   * @param batch windows to go through at once; changes nothing but the rounding of the mean
   * @throws IllegalArgumentException if the text is shorter than one window and its last target
   */
  public EvaluationSet(TokenSequence tokens, int windows, int batch, int context) {
    if (tokens.length() < context + 1L) {
      throw new InvalidInputException(
          "validation data must hold at least context + 1 = %s tokens, got %s; give more with --data"
              .formatted(context + 1L, tokens.length()));
    }
    if (windows < 1) {
      throw new InvalidInputException(
          "an evaluation set must hold >= 1 window, got %s; set --eval-batches".formatted(windows));
    }
    this.tokens = tokens;
    this.windows = windows;
    this.context = context;
    this.current = new TokenBatch(Math.min(batch, windows), context);
    int left = windows % current.windows();
    this.last = left == 0 ? null : new TokenBatch(left, context);
  }

  /** Number of tokens in the whole set. */
  public long tokens() {
    return (long) windows * context;
  }

  /** Mean of {@code loss} over all windows; of a batch it is the mean over its windows. */
  public double mean(ToDoubleFunction<TokenBatch> loss) {
    int batches = windows / current.windows();
    double sum = 0;
    for (int index = 0; index < batches; index++) {
      fill(current, index * current.windows());
      sum += loss.applyAsDouble(current);
    }
    if (last == null) {
      return sum / batches;
    }
    fill(last, windows - last.windows());
    return (sum * current.windows() + loss.applyAsDouble(last) * last.windows()) / windows;
  }

  private void fill(TokenBatch batch, int first) {
    for (int row = 0; row < batch.windows(); row++) {
      batch.setRow(row, tokens, offset(first + row));
    }
    batch.flush();
  }

  /** First window at the start of the text, last one at its end. */
  private long offset(long window) {
    long lastWindow = windows - 1L;
    long lastOffset = tokens.length() - context - 1L;
    return lastWindow == 0 ? 0 : window * lastOffset / lastWindow;
  }
}
