package org.ergometer.runtime.training;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.Scope;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.transformer.Precision;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures what steps take in float32, between the steps of a run in another precision, so that
 * both meet the same machine in the same minutes.
 *
 * <p>Each is done on a copy of the model as it is then, on batches of its own, and is none of the
 * run's: nothing of it is counted, no watcher of phases hears of it, and the generator of random
 * numbers is put back. The copy takes the memory of a second model.
 */
public final class BaselineSteps implements TrainingObserver, AutoCloseable {

  /** Steps of the copy that make its kernels and workspaces, and are not measured. */
  private static final int WARM_UP = 2;

  private static final double NANOS_PER_SECOND = 1e9;

  private final int wanted;
  private final int first;
  private final int last;
  private final ComputationGraph model;
  private final Supplier<TransformerTraining> maker;
  private final TokenBatches batches;
  private final int accumulated;
  private final Consumer<Boolean> measuring;
  private final Consumer<Runnable> aside;
  private final LongSupplier nanoTime;
  private final double[] seconds;
  private final double[] besides;
  private @Nullable TransformerTraining copy;
  private int done;

  /**
   * Medians of steps.
   *
   * @param steps how many of each
   * @param seconds of a step in float32
   * @param runSeconds of a step of the run, each the one before a step in float32
   */
  public record Measured(int steps, double seconds, double runSeconds) {}

  /**
   * Steps spread over a run.
   *
   * @param wanted how many
   * @param earlier steps of the run that other processes did
   * @param steps steps of the run
   * @param model of the run
   * @param maker makes another of its configuration
   * @param batches of the copy alone
   * @param measuring is told true before a step in float32 and false after it
   * @param aside does what it is given as none of the run's work
   */
  public BaselineSteps(
      int wanted,
      int earlier,
      int steps,
      ComputationGraph model,
      Supplier<TransformerTraining> maker,
      TokenBatches batches,
      int accumulated,
      Consumer<Boolean> measuring,
      Consumer<Runnable> aside,
      LongSupplier nanoTime) {
    this.wanted = wanted;
    this.first = earlier;
    this.last = steps;
    this.model = model;
    this.maker = maker;
    this.batches = batches;
    this.accumulated = accumulated;
    this.measuring = measuring;
    this.aside = aside;
    this.nanoTime = nanoTime;
    this.seconds = new double[wanted];
    this.besides = new double[wanted];
  }

  @Override
  public void stepDone(TrainingStep step) {
    if (!due(step.number())) {
      return;
    }
    Random random = Nd4j.getRandom();
    long root = random.rootState();
    long node = random.nodeState();
    besides[done] = step.seconds();
    try {
      aside.accept(
          () -> Scope.unwatched(() -> seconds[done] = Accounting.uncounted(this::measured)));
    } finally {
      random.setStates(root, node);
    }
    done++;
  }

  /** Of S steps and N wanted, every (S / N)-th. */
  private boolean due(int step) {
    long steps = Math.max(1, last - first);
    long number = step - (long) first;
    long count = Math.min(wanted, steps);
    return done < wanted && number * count / steps > (number - 1) * count / steps;
  }

  private double measured() {
    TransformerTraining present = copy;
    if (present == null) {
      present = maker.get();
      present.precision(Precision.FLOAT32, null);
      copy = present;
      for (int step = 0; step < WARM_UP; step++) {
        take(present);
        present.fit(batches::next, accumulated);
      }
    }
    take(present);
    measuring.accept(true);
    long start = nanoTime.getAsLong();
    present.fit(batches::next, accumulated);
    long nanos = nanoTime.getAsLong() - start;
    measuring.accept(false);
    return nanos / NANOS_PER_SECOND;
  }

  private void take(TransformerTraining training) {
    ComputationGraph graph = training.graph();
    graph.params().assign(model.params());
    INDArray state = model.getUpdater().getStateViewArray();
    if (state != null && !state.isEmpty()) {
      graph.getUpdater().getStateViewArray().assign(state);
    }
    graph.getConfiguration().setIterationCount(model.getConfiguration().getIterationCount());
  }

  /** What was measured until now; null before the first. */
  public @Nullable Measured measuredSoFar() {
    return done == 0 ? null : new Measured(done, median(seconds), median(besides));
  }

  private double median(double[] values) {
    double[] sorted = Arrays.copyOf(values, done);
    Arrays.sort(sorted);
    return (sorted[(done - 1) / 2] + sorted[done / 2]) / 2;
  }

  @Override
  public void close() {
    if (copy != null) {
      copy.close();
    }
  }
}
