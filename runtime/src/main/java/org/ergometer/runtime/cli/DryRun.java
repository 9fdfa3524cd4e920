package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.energy.Tariff;
import org.ergometer.accounting.predict.MemoryFormat;
import org.ergometer.accounting.predict.TrainingMemory;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.UpdateWork;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.UpdateRule;
import org.ergometer.models.transformer.WeightAverage;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.OptimizerConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.data.TokenCache;
import org.ergometer.runtime.peak.MachinePeak;
import org.ergometer.runtime.report.DeviceForecast;
import org.ergometer.runtime.report.PredictReport;
import org.ergometer.runtime.report.RunEnvironment;
import org.ergometer.runtime.training.UpdateRules;

/**
 * Says what a run will take on this machine; trains nothing, and keeps nothing of what it reads.
 */
final class DryRun {

  /** Of the peak, where nothing was run yet; the usual one of {@code predict}. */
  private static final double ASSUMED_UTILIZATION = 0.4;

  private DryRun() {}

  /**
   * Prints the prediction for a configuration.
   *
   * @param say is told in a line of what takes long
   * @throws IllegalArgumentException if it cannot be trained, or its text cannot be read
   */
  static void print(TrainConfig config, boolean json, PrintWriter out, Consumer<String> say) {
    TrainingData data = TrainingData.read(config, TokenCache.readOnly(config.data().cache(), say));
    Readiness.requireMemory(data.shape(), config);
    LoopConfig loop = config.loop();
    TrainingRun run =
        TrainingRun.ofSteps(
            data.shape(), loop.steps(), loop.stepSequences(), config.model().recompute());
    PredictReport report = report(run, config);
    Optional<Peak> peak = peak(config);
    if (peak.isPresent()) {
      report.add(forecast(config, peak.get()));
    } else {
      say.accept(
          "time and energy are unknown, since no peak was measured here yet; ergometer bench measures it, or set --peak");
    }
    out.print(json ? report.json() : report.text());
    out.flush();
  }

  /** The prediction of a run with the optimizer and batch of a configuration. */
  static PredictReport report(TrainingRun run, TrainConfig config) {
    OptimizerConfig optimizer = config.optimizer();
    UpdateRule rule = UpdateRules.of(optimizer);
    return new PredictReport(
        optimizer.dropout() > 0 ? run.withDropout() : run,
        memory(run.shape(), config),
        config.loop().batch(),
        new UpdateWork(
            rule.flops(),
            optimizer.weightDecay() > 0,
            config.precision().policy().lossScaled(),
            optimizer.averages(),
            rule.furtherFlops(run.shape())));
  }

  /** What training a model with a configuration holds in memory. */
  static TrainingMemory memory(TransformerShape shape, TrainConfig config) {
    OptimizerConfig optimizer = config.optimizer();
    UpdateRule rule = UpdateRules.of(optimizer);
    int states = rule.states() + (optimizer.averages() ? WeightAverage.COPIES : 0);
    return TrainingMemory.of(
            shape,
            config.loop().batch(),
            config.model().recompute(),
            states,
            rule.furtherStates(shape))
        .in(
            config.precision().policy().mixed()
                ? MemoryFormat.ROUNDED_OPERANDS
                : MemoryFormat.FLOAT32);
  }

  /** Given, or measured before; a dry run does not keep the machine busy. */
  private static Optional<Peak> peak(TrainConfig config) {
    return config
        .accounting()
        .givenPeak()
        .or(() -> MachinePeak.ofThisMachine(RunEnvironment.describe()).known(MatrixType.FLOAT32));
  }

  private static DeviceForecast forecast(TrainConfig config, Peak peak) {
    Double given = config.energy().sensors().cpuWatts();
    OptionalDouble watts = EnergySensors.fullLoadWatts(given);
    Tariff tariff = config.energy().tariff().tariff();
    return new DeviceForecast(
        peak,
        ASSUMED_UTILIZATION,
        true,
        1,
        watts.isPresent() ? (Double) watts.getAsDouble() : null,
        given == null,
        tariff.pue(),
        tariff.intensity(),
        tariff.usdPerDeviceHour());
  }
}
