package org.ergometer.runtime.training;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * One training step that was done.
 *
 * @param number its number, from 1
 * @param loss mean cross-entropy over its tokens in nats, before the update
 * @param learningRate learning rate of its update
 * @param gradientNorm global L2 norm of the gradient before clipping
 * @param applied whether the parameters were updated; not where the gradient was no number
 * @param seconds wall-clock time of the step alone, without evaluation
 * @param tokens tokens trained on
 * @param validationLoss mean cross-entropy on held-out text after the step, in nats; null at steps
 *     that are not followed by an evaluation
 * @param flops counted FLOPs of all ops of the step; null while nothing is counted
 * @param lossScale what the loss was multiplied with for its gradient; null where it is not scaled
 */
public record TrainingStep(
    int number,
    double loss,
    double learningRate,
    double gradientNorm,
    boolean applied,
    double seconds,
    int tokens,
    @Nullable Double validationLoss,
    @Nullable BigInteger flops,
    @Nullable Double lossScale) {

  /** A step whose loss is not scaled. */
  public TrainingStep(
      int number,
      double loss,
      double learningRate,
      double gradientNorm,
      boolean applied,
      double seconds,
      int tokens,
      @Nullable Double validationLoss,
      @Nullable BigInteger flops) {
    this(
        number,
        loss,
        learningRate,
        gradientNorm,
        applied,
        seconds,
        tokens,
        validationLoss,
        flops,
        null);
  }

  /** Whether its gradient was no finite number and a smaller scale of the loss may help. */
  public boolean overflowed() {
    return lossScale != null
        && lossScale > LossScaling.FLOOR
        && !applied
        && !Double.isFinite(gradientNorm);
  }

  /** Throughput of this step. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }
}
