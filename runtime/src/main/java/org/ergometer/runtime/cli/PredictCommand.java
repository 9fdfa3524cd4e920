package org.ergometer.runtime.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.config.ModelConfig;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.report.DeviceForecast;
import org.ergometer.runtime.report.PredictReport;
import org.ergometer.runtime.report.PublishedReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a training run will cost, from its configuration alone. */
@Command(
    name = "predict",
    customSynopsis = "ergometer predict [OPTIONS]",
    sortOptions = false,
    description = {
      "What a training run will cost before it is run: parameters, FLOPs by component, every",
      "published convention, memory, and on a device time, energy, emissions and price.",
      "Without options: the run that ergometer train does without options.",
      "Numbers may be written 2000, 512k, 1.4e12 or 70B."
    },
    footer = {
      "%nExamples:",
      "  ergometer predict",
      "  ergometer predict --preset gpt3-175b --tokens 300B",
      "  ergometer predict --preset llama-7b --device a100 --devices 2048 --region US",
      "  ergometer predict --layers 24 --width 2048 --heads 16 --vocabulary 51200 --context 2048"
          + " --tokens 300B --recompute full",
      "  ergometer predict --parameters 70B --tokens 1.4T",
      "  ergometer predict --published"
    })
final class PredictCommand implements Callable<Integer> {

  /** Settings beside those of the model. */
  static final Set<Setting> SETTINGS = ModelOptions.settings(Setting.STEPS, Setting.BATCH);

  private static final String USUAL_UTILIZATION = "0.4";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "tokens to train on, in place of --steps (default: the preset's)")
  private @Nullable String tokens;

  @Option(
      names = "--parameters",
      paramLabel = "N",
      description = "a number of parameters in place of a shape; with --tokens")
  private @Nullable String parameters;

  @Option(
      names = "--published",
      description = "hold the presets and conventions against published figures, and stop")
  private boolean published;

  @Mixin private final PeakOptions peakOptions = new PeakOptions();

  @Option(
      names = "--utilization",
      paramLabel = "X",
      description =
          "part of the peak that is assumed to be used (default: " + USUAL_UTILIZATION + ")")
  private @Nullable String utilization;

  @Option(names = "--devices", paramLabel = "N", description = "devices (default: 1)")
  private @Nullable String devices;

  @Option(
      names = "--watts",
      paramLabel = "X",
      description = "mean power of one device (default: the rated power of --device)")
  private @Nullable String watts;

  @Mixin private final EmissionOptions emissions = new EmissionOptions();

  @Option(names = "--price", paramLabel = "X", description = "USD for a device and an hour")
  private @Nullable String price;

  @Override
  public Integer call() {
    try {
      List<String> warnings = new ArrayList<>();
      String text = published ? published() : prediction(warnings);
      warnings.forEach(line -> spec.commandLine().getErr().println("ergometer: warning: " + line));
      spec.commandLine().getErr().flush();
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    } catch (ArithmeticException e) {
      throw new CommandException(
          ExitCode.WRONG_USAGE,
          "the model must have less than 2^63 parameters; set --layers, --width or --vocabulary",
          e);
    }
    return ExitCode.DONE.status();
  }

  private String published() {
    for (String other :
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .toList()) {
      if (!other.equals("--published")
          && !other.equals("--json")
          && !other.equals("--stacktrace")) {
        throw new InvalidInputException(
            "published stands alone, got %s beside it; leave one of the two out".formatted(other));
      }
    }
    PublishedReport report = new PublishedReport();
    return common.json ? report.json() : report.text();
  }

  private String prediction(List<String> warnings) {
    Settings said = model.settings(spec);
    // the option means more than the setting: any number of tokens, in no whole steps
    Settings settings = tokens == null ? said : said.without(Setting.TOKENS);
    PredictReport report =
        parameters == null ? ofShape(settings, warnings) : ofParameters(settings, parameters);
    DeviceForecast forecast = forecast(warnings);
    if (forecast != null) {
      report.add(forecast);
    }
    return common.json ? report.json() : report.text();
  }

  private PredictReport ofShape(Settings settings, List<String> warnings) {
    TransformerShape shape = ModelOptions.shape(settings, spec);
    Preset preset = settings.preset();
    if (preset != null && !preset.note().isEmpty()) {
      warnings.add("%s: %s (%s)".formatted(preset.name(), preset.note(), preset.source()));
    }
    TrainingRun run = run(settings, shape, preset);
    return model.ofFile() ? DryRun.report(run, TrainConfig.of(settings)) : new PredictReport(run);
  }

  private TrainingRun run(Settings settings, TransformerShape shape, @Nullable Preset preset) {
    Recompute recompute = ModelConfig.of(settings).recompute();
    long sequences = ModelOptions.stepSequences(settings);
    boolean stepsGiven = settings.isGiven(Setting.STEPS);
    if (tokens != null && stepsGiven) {
      throw new InvalidInputException(
          "tokens and steps both say how long the run is, got tokens %s; leave one of the two out"
              .formatted(tokens));
    }
    if (tokens == null && settings.isGiven(Setting.TOKENS)) { // the file says it
      int steps = TrainConfig.of(settings).loop().steps();
      return TrainingRun.ofSteps(shape, steps, sequences, recompute);
    }
    BigDecimal known = preset == null ? null : preset.tokens();
    if (tokens == null && (stepsGiven || known == null)) {
      return TrainingRun.ofSteps(
          shape, ModelOptions.positive(settings, Setting.STEPS), sequences, recompute);
    }
    BigInteger all =
        tokens == null
            ? Objects.requireNonNull(known).toBigIntegerExact()
            : BigInteger.valueOf(Quantity.whole("tokens", tokens));
    return settings.isGiven(Setting.BATCH)
        ? TrainingRun.ofTokens(shape, all, sequences, recompute)
        : new TrainingRun(shape, all, sequences, null, recompute, false);
  }

  private PredictReport ofParameters(Settings settings, String text) {
    if (ModelOptions.describe(settings)) {
      throw new InvalidInputException(
          "parameters stand for a model that is not described, got %s beside one; leave --parameters"
                  .formatted(text)
              + " or the model's options out");
    }
    if (settings.isGiven(Setting.BATCH) || settings.isGiven(Setting.STEPS)) {
      throw new InvalidInputException(
          "parameters come with a number of tokens and no batches or steps, got %s; leave --batch"
                  .formatted(text)
              + " and --steps out");
    }
    if (tokens == null) {
      throw new InvalidInputException(
          "parameters must come with tokens, got %s alone; set --tokens".formatted(text));
    }
    Convention basis =
        switch (ModelConfig.of(settings).recompute()) {
          case NONE -> Convention.SIX_N;
          case FULL -> Convention.EIGHT_N;
          case ATTENTION ->
              throw new InvalidInputException(
                  "recompute attention must come with a model's sizes, got parameters %s alone; set"
                          .formatted(text)
                      + " --recompute full or none, or the sizes");
        };
    return new PredictReport(whole("parameters", text), whole("tokens", tokens), basis);
  }

  private @Nullable DeviceForecast forecast(List<String> warnings) {
    PeakOptions.Resolved resolved = peakOptions.resolve();
    warnings.addAll(resolved.warnings());
    Peak peak = resolved.peak();
    if (peak == null) {
      if (utilization != null
          || devices != null
          || watts != null
          || price != null
          || emissions.given()) {
        throw new InvalidInputException(
            resolved.warnings().isEmpty()
                ? "time must come from a peak that is known; set --device or --peak"
                : resolved.warnings().get(0));
      }
      return null;
    }
    Device device = resolved.device();
    Double power = watts != null ? (Double) OptionValue.positive("watts", watts) : null;
    return new DeviceForecast(
        peak,
        part(Objects.requireNonNullElse(utilization, USUAL_UTILIZATION)),
        utilization == null,
        devices == null ? 1 : OptionValue.positive("devices", devices),
        power == null && device != null ? device.watts() : power,
        power == null,
        emissions.pue(),
        emissions.intensity(),
        price == null ? null : (Double) OptionValue.positive("price", price));
  }

  private static double part(String text) {
    double value = OptionValue.positive("utilization", text);
    if (value > 1) {
      throw new InvalidInputException(
          "utilization must be > 0 and <= 1, got %s; set --utilization".formatted(text));
    }
    return value;
  }

  private static BigInteger whole(String option, String text) {
    long value = Quantity.whole(option, text);
    if (value < 1) {
      throw new InvalidInputException(
          "%s must be >= 1, got %s; set --%s".formatted(option, value, option));
    }
    return BigInteger.valueOf(value);
  }
}
