package org.ergometer.runtime.training;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.data.TokenBatches;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: takes a batch, learns from it, evaluates now and then, and tells its
 * observers.
 */
public final class Trainer {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Trainable model;
  private final TokenBatches batches;
  private final EvaluationSet heldOut;
  private final Supplier<@Nullable BigInteger> countedFlops;
  private final LongSupplier nanoTime;
  private int done;

  /**
   * A loop over a model and its data.
   *
   * @param countedFlops FLOPs counted so far, null while nothing is counted
   * @param nanoTime clock of the steps
   */
  public Trainer(
      Trainable model,
      TokenBatches batches,
      EvaluationSet heldOut,
      Supplier<@Nullable BigInteger> countedFlops,
      LongSupplier nanoTime) {
    this.model = model;
    this.batches = batches;
    this.heldOut = heldOut;
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
   * @throws TrainingException if the loss is no longer a finite number
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
      if (!Double.isFinite(step.loss())) {
        throw new TrainingException(
            "loss is %s at step %d: training has diverged; lower --learning-rate or raise --warmup"
                .formatted(step.loss(), number));
      }
    }
    return true;
  }

  private TrainingStep step(int number, boolean evaluated) {
    BigInteger before = countedFlops.get();
    long start = nanoTime.getAsLong();
    TokenBatch batch = batches.next();
    double loss = model.fit(batch);
    double seconds = (nanoTime.getAsLong() - start) / NANOS_PER_SECOND;
    BigInteger after = countedFlops.get();
    return new TrainingStep(
        number,
        loss,
        model.learningRate(),
        model.gradientNorm(),
        seconds,
        batch.tokens(),
        evaluated ? heldOut.mean(model::evaluate) : null,
        before == null || after == null ? null : after.subtract(before));
  }
}
