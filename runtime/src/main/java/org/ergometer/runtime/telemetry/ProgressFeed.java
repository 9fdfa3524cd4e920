package org.ergometer.runtime.telemetry;

import java.math.BigInteger;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/** Tells the metrics what the training loop does. */
public final class ProgressFeed implements TrainingObserver {

  private static final double NANOS_PER_SECOND = 1e9;

  private final TrainingProgress progress;
  private final int steps;
  private final long evaluatedTokens;
  private final Map<Phase, BigInteger> stepFlops;
  private double seconds;
  private int done;

  /**
   * A feed for one run.
   *
   * @param steps steps the run is to have
   * @param evaluatedTokens tokens of one evaluation
   * @param step matrix products of one step
   */
  public ProgressFeed(
      TrainingProgress progress, int steps, long evaluatedTokens, MatrixProducts step) {
    this.progress = progress;
    this.steps = steps;
    this.evaluatedTokens = evaluatedTokens;
    this.stepFlops = step.flopsBy(MatrixProduct::phase);
    progress.predicted(nothing(stepFlops));
  }

  /** Shown from the start, so that a rate does not miss the first step. */
  private static Map<Phase, BigInteger> nothing(Map<Phase, BigInteger> flops) {
    return flops.keySet().stream()
        .collect(Collectors.toMap(phase -> phase, phase -> BigInteger.ZERO));
  }

  @Override
  public void stepDone(TrainingStep step) {
    progress.stepDone(
        new TrainingProgress.Step(
            step.applied() ? TrainingProgress.Outcome.APPLIED : TrainingProgress.Outcome.SKIPPED,
            step.applied() ? step.tokens() : 0,
            step.loss(),
            step.learningRate(),
            step.gradientNorm(),
            Math.round(step.seconds() * NANOS_PER_SECOND)));
    if (step.lossScale() != null) {
      progress.lossScale(step.lossScale());
    }
    if (step.applied()) {
      progress.predicted(stepFlops);
    }
    if (step.validationLoss() != null) {
      progress.evaluated(evaluatedTokens, step.validationLoss());
    }
    seconds += step.seconds();
    done++;
    progress.advance(
        (double) step.number() / steps,
        OptionalDouble.of((steps - step.number()) * seconds / done));
  }
}
