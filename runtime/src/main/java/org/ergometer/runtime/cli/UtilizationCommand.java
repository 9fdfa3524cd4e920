package org.ergometer.runtime.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.TokenWork;
import org.ergometer.runtime.config.ModelConfig;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.report.ModelWork;
import org.ergometer.runtime.report.UtilizationReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** MFU and HFU from a throughput that somebody measured or published. */
@Command(
    name = "utilization",
    customSynopsis = "ergometer utilization [OPTIONS]",
    sortOptions = false,
    description = {
      "Model and hardware FLOPs utilization from a throughput, a model and a peak.",
      "A run's own is in ergometer report and in /metrics."
    },
    footer = {
      "%nExamples:",
      "  ergometer utilization --preset palm-540b --tokens-per-second 238.3k --devices 6144"
          + " --device tpu-v4",
      "  ergometer utilization --preset gpt3-175b --batch 1536 --step-seconds 32.6 --devices 1024"
          + " --peak 312e12 --recompute full",
      "  ergometer utilization --parameters 7B --tokens-per-second 3000 --device a100"
    })
final class UtilizationCommand implements Callable<Integer> {

  /** Settings beside those of the model. */
  static final Set<Setting> SETTINGS = ModelOptions.settings(Setting.BATCH);

  private static final double FLOPS_OF_A_PARAMETER = 6;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--tokens-per-second",
      paramLabel = "X",
      description = "throughput of all devices together")
  private @Nullable String tokensPerSecond;

  @Option(
      names = "--step-seconds",
      paramLabel = "X",
      description =
          "time of a step, of --batch sequences or as the file says, in place of a throughput")
  private @Nullable String stepSeconds;

  @Option(names = "--devices", paramLabel = "N", description = "devices (default: 1)")
  private @Nullable String devices;

  @Mixin private final PeakOptions peakOptions = new PeakOptions();

  @Option(
      names = "--parameters",
      paramLabel = "N",
      description = "parameters to count 6 FLOPs for, in place of the shape's")
  private @Nullable String parameters;

  @Option(
      names = "--recompute-flops-per-token",
      paramLabel = "X",
      description = "FLOPs that are recomputed for a token, where --recompute does not say it")
  private @Nullable String recomputeFlops;

  @Override
  public Integer call() {
    try {
      Settings settings = model.settings(spec);
      List<String> warnings = new ArrayList<>();
      PeakOptions.Resolved resolved = peakOptions.resolve();
      warnings.addAll(resolved.warnings());
      Peak peak = resolved.peak();
      if (peak == null) {
        throw new InvalidInputException(
            warnings.isEmpty()
                ? "the peak is unknown; set --peak, or --device and --dtype"
                : warnings.get(0));
      }
      UtilizationReport report = report(settings, peak, warnings);
      warnings.addAll(report.warnings());
      warnings.forEach(line -> spec.commandLine().getErr().println("ergometer: warning: " + line));
      spec.commandLine().getErr().flush();
      spec.commandLine().getOut().print(common.json ? report.json() : report.text());
      spec.commandLine().getOut().flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private UtilizationReport report(Settings settings, Peak peak, List<String> warnings) {
    TransformerShape shape =
        ModelOptions.describe(settings) ? ModelOptions.shape(settings, spec) : null;
    UtilizationReport report =
        new UtilizationReport(
            throughput(settings, shape),
            devices == null ? 1 : OptionValue.positive("devices", devices),
            work(settings, shape, warnings),
            peak);
    Recompute recompute = ModelConfig.of(settings).recompute();
    if (shape != null && parameters == null) {
      report.addOtherCounts(shape);
    }
    if (shape != null && recompute == Recompute.ATTENTION && recomputeFlops == null) {
      report.addExecuted(ModelWork.ofTraining(shape, recompute).recomputeFlops());
    }
    return report;
  }

  private double throughput(Settings settings, @Nullable TransformerShape shape) {
    if ((tokensPerSecond == null) == (stepSeconds == null)) {
      throw new InvalidInputException(
          "the throughput must be said once; set --tokens-per-second, or --step-seconds with --batch");
    }
    if (tokensPerSecond != null) {
      return OptionValue.positive("tokens-per-second", tokensPerSecond);
    }
    if (shape == null || !settings.isGiven(Setting.BATCH)) {
      throw new InvalidInputException(
          "step-seconds must come with a batch and a context, got %s alone; set --batch and --context"
              .formatted(stepSeconds));
    }
    return (double) ModelOptions.stepSequences(settings)
        * shape.context()
        / OptionValue.positive("step-seconds", Objects.requireNonNull(stepSeconds));
  }

  private TokenWork work(
      Settings settings, @Nullable TransformerShape shape, List<String> warnings) {
    if (recomputeFlops != null && ModelConfig.of(settings).recompute() != Recompute.NONE) {
      throw new InvalidInputException(
          "what is recomputed must be said once, got recompute-flops-per-token %s beside recompute;"
                  .formatted(recomputeFlops)
              + " leave one of the two out");
    }
    Double recomputed =
        recomputeFlops == null
            ? null
            : (Double) notNegative("recompute-flops-per-token", recomputeFlops);
    if (shape == null) {
      if (parameters == null) {
        throw new InvalidInputException(
            "the model is unknown; set --preset, its sizes such as --layers, or --parameters");
      }
      warnings.add("attention's FLOPs are unknown without a shape and left out of the MFU");
      double forward = FLOPS_OF_A_PARAMETER / 3 * OptionValue.positive("parameters", parameters);
      return new TokenWork(
          3 * forward, 0, recomputed == null ? recomputedOf(settings, forward) : recomputed);
    }
    TokenWork work =
        recomputed == null
            ? ModelWork.asPublished(shape, ModelConfig.of(settings).recompute())
            : ModelWork.of(shape, recomputed);
    return parameters == null
        ? work
        : new TokenWork(
            FLOPS_OF_A_PARAMETER * OptionValue.positive("parameters", parameters),
            work.attentionFlops(),
            work.recomputeFlops());
  }

  /** FLOPs that are done again, where parameters alone are known. */
  private static double recomputedOf(Settings settings, double forward) {
    return switch (ModelConfig.of(settings).recompute()) {
      case NONE -> 0;
      case FULL -> forward;
      case ATTENTION ->
          throw new InvalidInputException(
              "recompute attention must come with a model's sizes, got parameters alone; set"
                  + " --recompute full or none, or the sizes");
    };
  }

  private static double notNegative(String option, String text) {
    double value = Quantity.real(option, text);
    if (!(value >= 0)) {
      throw new InvalidInputException(
          "%s must be >= 0, got %s; set --%s".formatted(option, text, option));
    }
    return value;
  }
}
