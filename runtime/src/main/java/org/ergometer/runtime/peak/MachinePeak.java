package org.ergometer.runtime.peak;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.benchmark.MemoryBandwidth;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The measured peaks of this machine, of products and of memory: kept from an earlier start, or
 * measured now.
 */
public final class MachinePeak {

  private static final List<String> HARDWARE =
      List.of("backend", "blas", "threads", "cores", "cpu", "architecture", "devices");

  private final PeakCache cache;
  private final String hardware;
  private final ToDoubleFunction<MatrixType> benchmark;
  private final DoubleSupplier bandwidthBenchmark;

  /**
   * Peaks of one machine.
   *
   * @param environment facts by name; those of the hardware decide whether a peak that was kept is
   *     this machine's
   * @param benchmark measures FLOP/s in a type
   * @param bandwidthBenchmark measures bytes per second
   */
  MachinePeak(
      PeakCache cache,
      Map<String, String> environment,
      ToDoubleFunction<MatrixType> benchmark,
      DoubleSupplier bandwidthBenchmark) {
    this.cache = cache;
    this.hardware =
        HARDWARE.stream()
            .filter(environment::containsKey)
            .map(name -> name + " " + environment.get(name))
            .collect(Collectors.joining(", "));
    this.benchmark = benchmark;
    this.bandwidthBenchmark = bandwidthBenchmark;
  }

  /** Peaks of the machine that ND4J runs on, as the facts of a run's environment describe it. */
  public static MachinePeak ofThisMachine(Map<String, String> environment) {
    Map<String, String> facts = new LinkedHashMap<>(environment);
    OpExecutioner executioner = Nd4j.getExecutioner();
    // The same with and without the accounting hook around the backend.
    facts.put("backend", executioner.getClass().getSimpleName());
    Object devices = executioner.getEnvironmentInformation().get("cuda.devicesInformation");
    if (devices instanceof List<?> list) {
      facts.put("devices", names(list));
    }
    return new MachinePeak(
        PeakCache.ofUser(),
        facts,
        PeakBenchmark::measure,
        () -> MemoryBandwidth.measure(Runtime.getRuntime().availableProcessors()).triad());
  }

  /** The peak in a type; takes about half a second the first time on a machine. */
  public Peak of(MatrixType type) {
    OptionalDouble kept = cache.find(hardware, type);
    return peak(type, kept.isPresent() ? kept.getAsDouble() : measure(type));
  }

  /**
   * Bytes per second of this machine's main memory, as STREAM's triad moves them; takes about a
   * second the first time on a machine.
   */
  public double bytesPerSecond() {
    OptionalDouble kept = cache.findBandwidth(hardware);
    if (kept.isPresent()) {
      return kept.getAsDouble();
    }
    double rate = bandwidthBenchmark.getAsDouble();
    cache.putBandwidth(hardware, rate);
    return rate;
  }

  /** The peak in a type, measured now whether one is kept or not. */
  public Peak again(MatrixType type) {
    return peak(type, measure(type));
  }

  private double measure(MatrixType type) {
    double rate = benchmark.applyAsDouble(type);
    cache.put(hardware, type, rate);
    return rate;
  }

  private static Peak peak(MatrixType type, double rate) {
    return new Peak(
        rate, type, Peak.Origin.MEASURED, "best matrix product on this machine, " + type.label());
  }

  /** What else ND4J says of a GPU, such as its free memory, changes all the time. */
  private static String names(List<?> devices) {
    return devices.stream()
        .map(device -> device instanceof Map<?, ?> facts ? facts.get("cuda.deviceName") : null)
        .filter(Objects::nonNull)
        .map(Object::toString)
        .collect(Collectors.joining(" and "));
  }
}
