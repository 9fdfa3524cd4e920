package org.ergometer.runtime.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a device can do: a figure, or a device and a data type. */
final class PeakOptions {

  /** A peak above this multiple of the dense one is most likely the figure with sparsity. */
  private static final double SUSPICIOUS = 1.5;

  @Option(
      names = "--peak",
      paramLabel = "X",
      description = "dense FLOP/s that one device can do, such as 312e12")
  private @Nullable String peak;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "take the peak of a device that is known, such as a100")
  private @Nullable String device;

  @Option(
      names = "--dtype",
      paramLabel = "T",
      description = "data type of its matrix products (default: bfloat16, or what it has instead)")
  private @Nullable String dtype;

  /**
   * What the options amount to.
   *
   * @param peak null if it is unknown
   * @param type null if only a figure was given
   * @param warnings what is doubtful, a line each
   */
  record Resolved(
      @Nullable Peak peak,
      @Nullable Device device,
      @Nullable MatrixType type,
      List<String> warnings) {}

  Resolved resolve() {
    Device named = device == null ? null : OptionValue.device(device);
    MatrixType type = dtype == null ? null : OptionValue.matrixType(dtype);
    if (type != null && named == null) {
      throw new InvalidInputException(
          "dtype must come with a device, got %s alone; set --device, or --peak for the type"
              .formatted(dtype));
    }
    MatrixType in = type == null && named != null ? named.trainingType() : type;
    List<String> warnings = new ArrayList<>();
    OptionalDouble dense = named == null || in == null ? OptionalDouble.empty() : named.peak(in);
    if (peak != null) {
      if (Device.named(peak).isPresent()) {
        throw new InvalidInputException(
            "peak must be a number, got the device %s; set --device %s for its peak"
                .formatted(peak, peak));
      }
      Peak given = Peak.user(OptionValue.positive("peak", peak));
      if (named != null && given.flopsPerSecond() > SUSPICIOUS * dense.orElse(Double.MAX_VALUE)) {
        warnings.add(tooHigh(given, named, in, dense.orElseThrow()));
      }
      return new Resolved(given, named, in, warnings);
    }
    if (named == null || in == null) {
      return new Resolved(null, null, null, warnings);
    }
    if (dense.isEmpty()) {
      warnings.add(
          "the peak of %s in %s is unknown (known: %s); set --peak or another --dtype"
              .formatted(named.name(), in.label(), labels(named)));
      return new Resolved(null, named, in, warnings);
    }
    String description = "%s, %s, dense: %s".formatted(named.name(), in.label(), named.source());
    return new Resolved(
        new Peak(dense.getAsDouble(), in, Peak.Origin.TABLE, description), named, in, warnings);
  }

  /** Names of the types whose peak is known. */
  static String labels(Device device) {
    return String.join(", ", device.peaks().keySet().stream().map(MatrixType::label).toList());
  }

  private static String tooHigh(
      Peak given, Device device, @Nullable MatrixType type, double dense) {
    return String.format(
        Locale.ROOT,
        "the peak of %.4g FLOP/s is %.2f times what %s does in %s, %.4g%s",
        given.flopsPerSecond(),
        given.flopsPerSecond() / dense,
        device.name(),
        type == null ? "any type" : type.label(),
        dense,
        device.sparsity() ? "; figures of makers often assume structured sparsity" : "");
  }
}
