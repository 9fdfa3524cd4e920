package org.ergometer.runtime.training;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Objects;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.jspecify.annotations.Nullable;

/** What a run has come to so far; written by the thread that trains and read by it alone. */
public final class TrainingTotals implements TrainingObserver {

  private static final int FIRST_STEPS = 256;

  private double[] seconds = new double[FIRST_STEPS];
  private int steps;
  private int earlierSteps;
  private double earlierSeconds;
  private int skipped;
  private BigInteger skippedFlops = BigInteger.ZERO;
  private @Nullable Double lossScale;
  private long tokens;
  private int evaluations;
  private @Nullable Double loss;
  private @Nullable Double validationLoss;

  /** Goes on from what processes before this one came to. */
  public void continueFrom(int stepsDone, TrainingState.Totals earlier) {
    earlierSteps = stepsDone;
    earlierSeconds = earlier.stepSeconds();
    skipped = earlier.skipped();
    skippedFlops = Objects.requireNonNullElse(earlier.skippedFlops(), BigInteger.ZERO);
    tokens = earlier.tokens();
    evaluations = earlier.evaluations();
    loss = earlier.loss();
    validationLoss = earlier.validationLoss();
  }

  /** What another process needs to go on; there must have been a step. */
  public TrainingState.Totals state() {
    return new TrainingState.Totals(
        skipped,
        skippedFlops,
        tokens,
        evaluations,
        stepSeconds(),
        Objects.requireNonNull(loss),
        validationLoss);
  }

  @Override
  public void stepDone(TrainingStep step) {
    if (steps == seconds.length) {
      seconds = Arrays.copyOf(seconds, 2 * seconds.length);
    }
    seconds[steps++] = step.seconds();
    if (step.applied()) {
      tokens += step.tokens();
    } else {
      skipped++;
      skippedFlops = skippedFlops.add(step.flops() == null ? BigInteger.ZERO : step.flops());
    }
    lossScale = step.lossScale();
    loss = step.loss();
    if (step.validationLoss() != null) {
      validationLoss = step.validationLoss();
      evaluations++;
    }
  }

  public int steps() {
    return earlierSteps + steps;
  }

  /** Steps among them that updated nothing. */
  public int skipped() {
    return skipped;
  }

  /** Counted FLOPs of those steps, of all their ops; without what was not counted. */
  public BigInteger skippedFlops() {
    return skippedFlops;
  }

  /** What the loss of this process's last step was multiplied with; null where it is not scaled. */
  public @Nullable Double lossScale() {
    return lossScale;
  }

  /** Tokens that the parameters learned from. */
  public long tokens() {
    return tokens;
  }

  /** How often held-out text was evaluated. */
  public int evaluations() {
    return evaluations;
  }

  /** Loss of the last step; null before the first. */
  public @Nullable Double loss() {
    return loss;
  }

  /** Loss of the last evaluation; null before the first. */
  public @Nullable Double validationLoss() {
    return validationLoss;
  }

  /** Median wall-clock time of a step of this process; not a number before the first. */
  public double medianStepSeconds() {
    double[] sorted = Arrays.copyOf(seconds, steps);
    Arrays.sort(sorted);
    return steps == 0 ? Double.NaN : (sorted[(steps - 1) / 2] + sorted[steps / 2]) / 2;
  }

  /** Tokens by wall-clock time of the steps, evaluation left out. */
  public double tokensPerSecond() {
    return tokens / stepSeconds();
  }

  private double stepSeconds() {
    return earlierSeconds + Arrays.stream(seconds, 0, steps).sum();
  }
}
