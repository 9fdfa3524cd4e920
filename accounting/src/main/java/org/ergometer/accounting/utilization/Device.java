package org.ergometer.accounting.utilization;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An accelerator with what its maker publishes of it; the figures and their sources are in {@code
 * devices.csv}.
 *
 * @param peaks dense matrix products, FLOP/s; a type that is missing has no arithmetic here, or
 *     none that is known
 * @param watts rated power; null if unknown
 * @param bytesPerSecond bandwidth of its memory; null if unknown
 * @param sparsity whether the maker also prints figures twice as high, for structured sparsity
 */
public record Device(
    String name,
    List<String> otherNames,
    Map<MatrixType, Double> peaks,
    @Nullable Double watts,
    @Nullable Double bytesPerSecond,
    boolean sparsity,
    String source) {

  private static final Pattern MAKERS =
      Pattern.compile("nvidia|tesla|geforce|amd|instinct|google|cloud|intel|aws|[^a-z0-9]");

  public Device {
    otherNames = List.copyOf(otherNames);
    peaks =
        peaks.isEmpty()
            ? Map.of()
            : Collections.unmodifiableMap(new EnumMap<MatrixType, Double>(peaks));
  }

  /** Every device of the table. */
  public static List<Device> all() {
    return DeviceTable.DEVICES;
  }

  /**
   * The device of a name, such as {@code a100} or {@code NVIDIA A100-SXM4-80GB}: case, punctuation
   * and the maker's name do not matter.
   */
  public static Optional<Device> named(String text) {
    String wanted = simplified(text);
    return all().stream()
        .filter(device -> device.names().anyMatch(name -> simplified(name).equals(wanted)))
        .findFirst();
  }

  /** First name of every device. */
  public static List<String> allNames() {
    return all().stream().map(Device::name).toList();
  }

  /** FLOP/s of dense matrix products; empty where the device has none or its figure is unknown. */
  public OptionalDouble peak(MatrixType type) {
    Double peak = peaks.get(type);
    return peak == null ? OptionalDouble.empty() : OptionalDouble.of(peak);
  }

  /**
   * The type that large models are trained in on this device: bfloat16 where it has it, else
   * float16, else float32.
   */
  public MatrixType trainingType() {
    return Stream.of(MatrixType.BFLOAT16, MatrixType.FLOAT16)
        .filter(peaks::containsKey)
        .findFirst()
        .orElse(MatrixType.FLOAT32);
  }

  /** The type with the highest peak; of several, the widest. */
  public MatrixType fastestType() {
    return peaks.entrySet().stream()
        .reduce((best, next) -> next.getValue() > best.getValue() ? next : best)
        .orElseThrow()
        .getKey();
  }

  /**
   * Joules for one FLOP at peak and rated power: the least that a data sheet allows; empty where
   * either is unknown.
   */
  public OptionalDouble leastJoulesPerFlop(MatrixType type) {
    Double peak = peaks.get(type);
    return watts == null || peak == null ? OptionalDouble.empty() : OptionalDouble.of(watts / peak);
  }

  /** The device that needs the least energy for a FLOP, of those whose power is known. */
  public static Device mostEfficient() {
    return all().stream()
        .filter(device -> device.watts != null)
        .min(
            Comparator.comparingDouble(
                device -> device.leastJoulesPerFlop(device.fastestType()).orElseThrow()))
        .orElseThrow();
  }

  private Stream<String> names() {
    return Stream.concat(Stream.of(name), otherNames.stream());
  }

  private static String simplified(String text) {
    return MAKERS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
  }
}
