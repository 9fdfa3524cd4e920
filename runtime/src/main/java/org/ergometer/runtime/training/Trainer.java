package org.ergometer.runtime.training;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.transformer.Transformer;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: takes a batch, learns from it, evaluates now and then, and tells its
 * observers.
 */
public final class Trainer {

  private static final double NANOS_PER_SECOND = 1e9;

  /** Steps without an update, one after the other, after which there is no hope for more. */
  private static final int MOST_SKIPPED = 100;

  private final Trainable model;
  private final TokenBatches batches;
  private final int accumulated;
  private final EvaluationSet heldOut;
  private final Supplier<@Nullable BigInteger> countedFlops;
  private final LongSupplier nanoTime;
  private final boolean skips;
  private int skippedInARow;
  private int done;

  /**
   * A loop over a model and its data.
   *
   * @param accumulated batches in a step
   * @param skips whether a gradient that is no finite number costs its step only, and not the run
   * @param countedFlops FLOPs counted so far, null while nothing is counted
   * @param nanoTime clock of the steps
   */
  public Trainer(
      Trainable model,
      TokenBatches batches,
      int accumulated,
      EvaluationSet heldOut,
      boolean skips,
      Supplier<@Nullable BigInteger> countedFlops,
      LongSupplier nanoTime) {
    this.model = model;
    this.batches = batches;
    this.accumulated = accumulated;
    this.heldOut = heldOut;
    this.skips = skips;
    this.countedFlops = countedFlops;
    this.nanoTime = nanoTime;
  }

  /** Takes the first {@code steps} for done: they were, by another process. */
  public void continueAfter(int steps) {
    done = steps;
  }

  /**
   * Trains until all steps are done or {@code stop} says so between two of them. The last step is
   * always followed by an evaluation, unless it was stopped.
   *
   * @return whether all steps were done
   * @throws TrainingException if training has diverged
   */
  public boolean run(
      int steps, int evalEvery, BooleanSupplier stop, List<TrainingObserver> observers)
      throws IOException {
    for (int number = done + 1; number <= steps; number++) {
      if (stop.getAsBoolean()) {
        return false;
      }
      TrainingStep step = step(number, number == steps || number % evalEvery == 0);
      for (TrainingObserver observer : observers) {
        observer.stepDone(step);
      }
      requireProgress(step);
    }
    return true;
  }

  private void requireProgress(TrainingStep step) {
    skippedInARow = step.applied() || step.overflowed() ? 0 : skippedInARow + 1;
    if (skippedInARow > (skips ? MOST_SKIPPED : 0)) {
      throw new TrainingException(
          "the gradient's norm is %s and the loss %s at step %s: %s; lower --learning-rate, raise --warmup%s"
              .formatted(
                  step.gradientNorm(),
                  step.loss(),
                  step.number(),
                  Double.isFinite(step.gradientNorm())
                      ? "a spike, whose update was not made"
                      : "training has diverged",
                  skips ? "" : ", or set --divergence skip"));
    }
  }

  private double evaluation() {
    try (Transformer.Held held = model.holdWeights()) {
      return heldOut.mean(model::evaluate);
    }
  }

  private TrainingStep step(int number, boolean evaluated) {
    BigInteger before = countedFlops.get();
    long start = nanoTime.getAsLong();
    Trainable.Fitted fitted = model.fit(batches::next, accumulated);
    double seconds = (nanoTime.getAsLong() - start) / NANOS_PER_SECOND;
    BigInteger after = countedFlops.get();
    return new TrainingStep(
        number,
        fitted.loss(),
        fitted.learningRate(),
        fitted.gradientNorm(),
        fitted.applied(),
        seconds,
        Math.multiplyExact(accumulated, batches.tokens()),
        evaluated ? evaluation() : null,
        before == null || after == null ? null : after.subtract(before),
        fitted.lossScale());
  }
}
