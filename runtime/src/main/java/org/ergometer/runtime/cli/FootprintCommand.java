package org.ergometer.runtime.cli;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.ergometer.accounting.energy.Cost;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.GridRegion;
import org.ergometer.accounting.energy.KilowattHours;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.ComputeClaim;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.report.FootprintReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Energy, emissions and price of what has been trained, from what is said of it. */
@Command(
    name = "footprint",
    sortOptions = false,
    description = {
      "Energy, CO2e and price from device-hours and watts; whatever is not given stays out.",
      "With --flops it also says whether the numbers can be true of the device."
    },
    footer = {
      "%nExamples:",
      "  ergometer footprint --device-hours 82432 --watts 400 --pue 1.1 --intensity 0.385",
      "  ergometer footprint --device-hours 1M --device a100 --region FR --price 1.50",
      "  ergometer footprint --flops 2.1e25 --energy 3600MWh --device a100"
    })
final class FootprintCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Option(
      names = "--device-hours",
      paramLabel = "X",
      description = "devices times hours of wall clock")
  private @Nullable String deviceHours;

  @Option(
      names = "--watts",
      paramLabel = "X",
      description = "mean power of one device (default: the rated power of --device)")
  private @Nullable String watts;

  @Option(
      names = "--energy",
      paramLabel = "X",
      description = "energy of the devices instead, in kWh, or with its unit: 433MWh, 1.3TJ")
  private @Nullable String energy;

  @Mixin private final EmissionOptions emissions = new EmissionOptions();

  @Option(names = "--price", paramLabel = "X", description = "USD for a device and an hour")
  private @Nullable String price;

  @Option(names = "--flops", paramLabel = "X", description = "FLOPs that the work is said to be")
  private @Nullable String flops;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "the device it was done on, such as a100")
  private @Nullable String device;

  @Option(
      names = "--dtype",
      paramLabel = "T",
      description = "type of its matrix products (default: the device's fastest)")
  private @Nullable String dtype;

  @Override
  public Integer call() {
    try {
      spec.commandLine().getOut().print(report());
      spec.commandLine().getOut().flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private String report() {
    Device on = device == null ? null : OptionValue.device(device);
    Double hours = deviceHours == null ? null : OptionValue.positive("device-hours", deviceHours);
    Double power = power(on, hours);
    Double joules = joules(hours, power);
    GridRegion grid = emissions.region();
    Footprint footprint = Footprint.of(joules, emissions.pue(), emissions.intensity(), cost(hours));
    if (joules == null && footprint.cost() == null) {
      throw new InvalidInputException(
          "nothing follows from what is given; set --device-hours with --watts, or with --price,"
              + " or --energy");
    }
    FootprintReport report =
        new FootprintReport(
            footprint, hours, power, watts == null && power != null ? on : null, grid);
    ComputeClaim claim =
        flops == null
            ? null
            : new ComputeClaim(OptionValue.positive("flops", flops), joules, hours);
    if (claim == null && dtype != null) {
      throw new InvalidInputException(
          "dtype must come with flops, got %s alone; set --flops".formatted(dtype));
    }
    List<String> contradictions =
        claim == null ? List.of() : report.hold(claim, on, dtype == null ? null : type(dtype, on));
    contradictions.forEach(
        line -> spec.commandLine().getErr().println("ergometer: warning: " + line));
    spec.commandLine().getErr().flush();
    return common.json ? report.json() : report.text();
  }

  private @Nullable Double power(@Nullable Device on, @Nullable Double hours) {
    if (watts != null) {
      if (energy != null || hours == null) {
        throw new InvalidInputException(
            "watts must come with device-hours and without energy, got %s; %s"
                .formatted(watts, energy != null ? "leave --energy out" : "set --device-hours"));
      }
      return OptionValue.positive("watts", watts);
    }
    return on == null || energy != null || hours == null ? null : on.watts();
  }

  private @Nullable Double joules(@Nullable Double hours, @Nullable Double power) {
    if (energy != null) {
      return energy(energy.strip());
    }
    return hours == null || power == null ? null : Footprint.joules(hours, power);
  }

  /** Watt-hours or joules if the unit is written, with the prefixes of all quantities; else kWh. */
  private static double energy(String text) {
    if (text.endsWith("Wh")) {
      double wattHours = OptionValue.positive("energy", text.substring(0, text.length() - 2));
      return KilowattHours.toJoules(wattHours) / 1000;
    }
    if (text.endsWith("J")) {
      return OptionValue.positive("energy", text.substring(0, text.length() - 1));
    }
    return KilowattHours.toJoules(OptionValue.positive("energy", text));
  }

  private @Nullable Cost cost(@Nullable Double hours) {
    if (price == null) {
      return null;
    }
    if (hours == null) {
      throw new InvalidInputException(
          "price must come with device-hours, got %s alone; set --device-hours".formatted(price));
    }
    return Cost.ofDeviceHours(hours, Quantity.real("price", price));
  }

  private static MatrixType type(String text, @Nullable Device on) {
    MatrixType type = OptionValue.matrixType(text);
    if (on == null || on.peak(type).isEmpty()) {
      throw new InvalidInputException(
          "dtype must be one with a known peak, got %s %s; %s"
              .formatted(
                  type.label(),
                  on == null ? "of no device" : "of " + on.name(),
                  on == null ? "set --device" : "known are " + knownTypes(on)));
    }
    return type;
  }

  private static String knownTypes(Device device) {
    return device.peaks().keySet().stream()
        .map(MatrixType::label)
        .collect(Collectors.joining(", "));
  }
}
