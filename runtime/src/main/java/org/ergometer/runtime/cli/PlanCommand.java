package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.plan.Budget;
import org.ergometer.accounting.plan.Frontier;
import org.ergometer.accounting.plan.ParametricLaw;
import org.ergometer.accounting.plan.ScalingLaw;
import org.ergometer.accounting.plan.TokensPerParameter;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.config.LawFile;
import org.ergometer.runtime.config.NearestName;
import org.ergometer.runtime.report.PlanPlot;
import org.ergometer.runtime.report.PlanReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The best model for a budget, by one scaling law. */
@Command(
    name = "plan",
    sortOptions = false,
    description = {
      "The compute-optimal model and number of tokens for a budget, by one scaling law,",
      "and what smaller models on more tokens cost and save."
    },
    footer = {
      "%nExamples:",
      "  ergometer plan --flops 1e21",
      "  ergometer plan --flops 5.88e23 --law tokens-per-parameter --ratio 20",
      "  ergometer plan --hours 720 --devices 64 --device a100 --utilization 0.45",
      "  ergometer plan --usd 50k --price 2 --device h100 --plot plan.png"
    })
final class PlanCommand implements Callable<Integer> {

  private static final String FITTED = "fitted:";
  private static final String USUAL_UTILIZATION = "0.4";
  private static final String USUAL_RATIO = "20";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Option(names = "--flops", paramLabel = "X", description = "the budget in FLOPs")
  private @Nullable String flops;

  @Option(
      names = "--hours",
      paramLabel = "X",
      description = "the budget in hours of --devices, with --device or --peak")
  private @Nullable String hours;

  @Option(
      names = "--usd",
      paramLabel = "X",
      description = "the budget in money, with --price and --device or --peak")
  private @Nullable String usd;

  @Option(names = "--price", paramLabel = "X", description = "USD for a device and an hour")
  private @Nullable String price;

  @Option(
      names = "--devices",
      paramLabel = "N",
      description = "devices that work together for --hours (default: 1)")
  private @Nullable String devices;

  @Mixin private final PeakOptions peakOptions = new PeakOptions();

  @Option(
      names = "--utilization",
      paramLabel = "X",
      description =
          "part of the peak that is assumed to be used (default: " + USUAL_UTILIZATION + ")")
  private @Nullable String utilization;

  @Option(
      names = "--law",
      paramLabel = "NAME",
      description =
          "hoffmann, hoffmann-precise, besiroglu, tokens-per-parameter, or fitted:FILE"
              + " (default: hoffmann)")
  private @Nullable String law;

  @Option(
      names = "--ratio",
      paramLabel = "X",
      description = "tokens for each parameter, of the law tokens-per-parameter (default: 20)")
  private @Nullable String ratio;

  @Option(names = "--plot", paramLabel = "FILE", description = "draw the frontier as a PNG file")
  private @Nullable Path plot;

  @Override
  public Integer call() {
    try {
      PeakOptions.Resolved resolved = peakOptions.resolve();
      Frontier frontier = Frontier.of(law(), budget(resolved));
      Double money = usd == null ? null : OptionValue.positive("usd", usd);
      PlanReport report = new PlanReport(frontier, resolved.peak(), money);
      if (plot != null) {
        PictureFile.write(plot, () -> PlanPlot.of(frontier));
      }
      List<String> warnings = new ArrayList<>(resolved.warnings());
      if (common.json) {
        warnings.addAll(report.warnings());
      }
      warnings.forEach(line -> spec.commandLine().getErr().println("ergometer: warning: " + line));
      spec.commandLine().getErr().flush();
      spec.commandLine().getOut().print(common.json ? report.json() : report.text());
      spec.commandLine().getOut().flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private ScalingLaw law() {
    if (ratio != null && law != null && !law.equals(TokensPerParameter.NAME)) {
      throw new InvalidInputException(
          "ratio belongs to the law %s, got law %s; laws are never mixed: leave one of the two out"
              .formatted(TokensPerParameter.NAME, law));
    }
    if (ratio != null || TokensPerParameter.NAME.equals(law)) {
      return new TokensPerParameter(
          OptionValue.positive("ratio", Objects.requireNonNullElse(ratio, USUAL_RATIO)));
    }
    return law == null ? ParametricLaw.HOFFMANN : named(law);
  }

  private static ScalingLaw named(String name) {
    if (name.startsWith(FITTED)) {
      return LawFile.read(OptionValue.path("law", name.substring(FITTED.length())));
    }
    return ParametricLaw.published().stream()
        .filter(law -> law.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknownLaw(name));
  }

  private static IllegalArgumentException unknownLaw(String name) {
    List<String> known =
        Stream.concat(
                ParametricLaw.published().stream().map(ParametricLaw::name),
                Stream.of(TokensPerParameter.NAME))
            .toList();
    return new InvalidInputException(
        "law must be one that is known, got \"%s\"; %s"
            .formatted(
                name,
                NearestName.of(name, known)
                    .map("did you mean %s?"::formatted)
                    .orElse("known are %s and fitted:FILE".formatted(String.join(", ", known)))));
  }

  private Budget budget(PeakOptions.Resolved resolved) {
    if (Stream.of(flops, hours, usd).filter(Objects::nonNull).count() != 1) {
      throw new InvalidInputException(
          "the budget must be said once; set one of --flops, --hours and --usd");
    }
    if (flops != null) {
      return Budget.ofFlops(OptionValue.positive("flops", flops));
    }
    Peak peak = resolved.peak();
    if (peak == null) {
      throw new InvalidInputException(
          resolved.warnings().isEmpty()
              ? "%s must come with a peak that is known; set --device or --peak"
                  .formatted(hours == null ? "usd" : "hours")
              : resolved.warnings().get(0));
    }
    return Budget.ofDeviceHours(
        deviceHours(),
        peak.flopsPerSecond(),
        OptionValue.positive(
            "utilization", Objects.requireNonNullElse(utilization, USUAL_UTILIZATION)));
  }

  private double deviceHours() {
    if (hours != null) {
      double together = devices == null ? 1 : OptionValue.positive("devices", devices);
      return together * OptionValue.positive("hours", hours);
    }
    if (price == null) {
      throw new InvalidInputException(
          "usd must come with a price, got %s alone; set --price, USD for a device and an hour"
              .formatted(usd));
    }
    return OptionValue.positive("usd", Objects.requireNonNull(usd))
        / OptionValue.positive("price", price);
  }
}
