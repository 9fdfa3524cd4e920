package org.ergometer.runtime.training;

import java.util.Locale;
import org.ergometer.runtime.checkpoint.TrainingState.Best;
import org.jspecify.annotations.Nullable;

/** Ends training when the loss on held-out text has not fallen for so many evaluations. */
public final class EarlyStopping implements TrainingObserver {

  private final @Nullable Integer patience;
  private double lowest;
  private int lowestAt;
  private int evaluationsSince;
  private boolean exhausted;

  /**
   * A watch over a run.
   *
   * @param patience evaluations without a lower loss that are too many; null for any number
   * @param evalEvery steps between evaluations
   * @param step steps done by processes before this one
   * @param best what those came to; null if nothing
   */
  public EarlyStopping(@Nullable Integer patience, int evalEvery, int step, @Nullable Best best) {
    this.patience = patience;
    this.lowest = best == null ? Double.POSITIVE_INFINITY : best.validationLoss();
    this.lowestAt = best == null ? 0 : best.step();
    this.evaluationsSince = step / evalEvery - lowestAt / evalEvery;
  }

  @Override
  public void stepDone(TrainingStep step) {
    Double loss = step.validationLoss();
    if (loss == null) {
      return;
    }
    if (loss < lowest) {
      lowest = loss;
      lowestAt = step.number();
      evaluationsSince = 0;
    } else {
      evaluationsSince++;
    }
    exhausted = patience != null && evaluationsSince >= patience;
  }

  /** Whether training should end. */
  public boolean exhausted() {
    return exhausted;
  }

  /** Why, in words. */
  public String reason() {
    return String.format(
        Locale.ROOT,
        "no lower loss on held-out text in %d evaluations; the lowest was %.4f nats after step %d",
        evaluationsSince,
        lowest,
        lowestAt);
  }
}
