package org.ergometer.runtime.cli;

import org.ergometer.models.data.TokenBatches;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.report.BaselineFacts;
import org.ergometer.runtime.training.BaselineSteps;
import org.ergometer.runtime.training.TransformerTraining;
import org.jspecify.annotations.Nullable;

/** Steps in float32 that are measured beside a run in mixed precision, and what they drew. */
final class RunBaseline implements AutoCloseable {

  private final BaselineSteps steps;
  private final RunEnergy energy;

  /**
   * Steps spread over the rest of a run.
   *
   * @param earlier steps that other processes did
   */
  RunBaseline(
      TrainConfig config,
      TrainingData data,
      int earlier,
      TransformerTraining model,
      RunEnergy energy) {
    LoopConfig loop = config.loop();
    this.energy = energy;
    this.steps =
        new BaselineSteps(
            config.precision().baselineSteps(),
            earlier,
            loop.steps(),
            model.graph(),
            () ->
                TransformerTraining.create(
                    data.shape(), config.model().recompute(), config.optimizer(), loop),
            new TokenBatches(
                data.split().training(),
                loop.batch(),
                data.shape().context(),
                config.data().order(),
                loop.seed()),
            loop.accumulate(),
            energy::measureBaseline,
            energy::aside,
            System::nanoTime);
  }

  BaselineSteps steps() {
    return steps;
  }

  /**
   * What was measured until now; null before the first.
   *
   * @param own steps of the run that this process did
   */
  @Nullable BaselineFacts facts(int own) {
    BaselineSteps.Measured time = steps.measuredSoFar();
    return time == null
        ? null
        : new BaselineFacts(
            time,
            each(energy.measuredJoules(RunEnergy.BASELINE::equals), time.steps()),
            each(energy.measuredJoules(RunEnergy::isOfStep), own));
  }

  private static @Nullable Double each(@Nullable Double joules, int count) {
    return joules == null ? null : (Double) (joules / count);
  }

  @Override
  public void close() {
    steps.close();
  }
}
