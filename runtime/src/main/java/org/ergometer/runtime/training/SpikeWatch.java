package org.ergometer.runtime.training;

import java.util.ArrayDeque;
import java.util.Deque;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.jspecify.annotations.Nullable;

/**
 * Tells a spike: a loss or a gradient norm that lies more than so many standard deviations above
 * the mean of the last {@value #WINDOW} steps which were none. Until half of that many were done
 * nothing is a spike.
 */
public final class SpikeWatch {

  private static final int WINDOW = 128;

  private final double deviations;
  private final Deque<Double> losses = new ArrayDeque<>();
  private final Deque<Double> norms = new ArrayDeque<>();

  /**
   * A watch over a run.
   *
   * @param deviations how many are too many; null for any number
   * @param earlier what processes before this one saw; null if nothing
   */
  public SpikeWatch(@Nullable Double deviations, TrainingState.@Nullable Recent earlier) {
    this.deviations = deviations == null ? Double.POSITIVE_INFINITY : deviations;
    if (earlier != null) {
      losses.addAll(earlier.losses());
      norms.addAll(earlier.gradientNorms());
    }
  }

  /** Whether a step is a spike; one that is none is remembered. */
  public boolean isSpike(double loss, double gradientNorm) {
    if (Double.isInfinite(deviations)) {
      return false;
    }
    if (isAbove(losses, loss) || isAbove(norms, gradientNorm)) {
      return true;
    }
    remember(losses, loss);
    remember(norms, gradientNorm);
    return false;
  }

  private boolean isAbove(Deque<Double> window, double value) {
    if (window.size() < WINDOW / 2) {
      return false;
    }
    double mean = window.stream().mapToDouble(Double::doubleValue).sum() / window.size();
    double squares = window.stream().mapToDouble(each -> (each - mean) * (each - mean)).sum();
    return !(value <= mean + deviations * Math.sqrt(squares / window.size()));
  }

  private static void remember(Deque<Double> window, double value) {
    if (window.size() == WINDOW) {
      window.removeFirst();
    }
    window.addLast(value);
  }

  /** What another process needs to go on; null if nothing was seen. */
  public TrainingState.@Nullable Recent state() {
    return losses.isEmpty() ? null : new TrainingState.Recent(losses, norms);
  }
}
