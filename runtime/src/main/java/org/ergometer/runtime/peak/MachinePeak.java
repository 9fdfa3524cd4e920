package org.ergometer.runtime.peak;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.benchmark.MemoryBandwidth;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The measured peaks of this machine, of products and of memory: the best that any start measured.
 */
public final class MachinePeak {

  private static final List<String> HARDWARE =
      List.of("backend", "blas", "threads", "cores", "cpu", "architecture", "devices");

  private final PeakCache cache;
  private final String hardware;
  private final ToDoubleFunction<MatrixType> benchmark;
  private final DoubleSupplier bandwidthBenchmark;
  private final Supplier<LocalDate> today;

  /**
   * Peaks of one machine.
   *
   * @param environment facts by name; those of the hardware decide whether a peak that was kept is
   *     this machine's
   * @param benchmark measures FLOP/s in a type
   * @param bandwidthBenchmark measures bytes per second
   * @param today day in UTC
   */
  MachinePeak(
      PeakCache cache,
      Map<String, String> environment,
      ToDoubleFunction<MatrixType> benchmark,
      DoubleSupplier bandwidthBenchmark,
      Supplier<LocalDate> today) {
    this.cache = cache;
    this.hardware =
        HARDWARE.stream()
            .filter(environment::containsKey)
            .map(name -> name + " " + environment.get(name))
            .collect(Collectors.joining(", "));
    this.benchmark = benchmark;
    this.bandwidthBenchmark = bandwidthBenchmark;
    this.today = today;
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
        () -> MemoryBandwidth.measure(Runtime.getRuntime().availableProcessors()).triad(),
        () -> LocalDate.now(ZoneOffset.UTC));
  }

  /** The peak in a type; takes about half a second the first time on a machine. */
  public Peak of(MatrixType type) {
    return dated(type).peak();
  }

  /** The peak in a type if it was measured before. */
  public Optional<Peak> known(MatrixType type) {
    PeakCache.Best kept = cache.peak(hardware, type);
    return kept == null ? Optional.empty() : Optional.of(dated(type, kept).peak());
  }

  /** The same, with the day when it was measured. */
  public DatedPeak dated(MatrixType type) {
    PeakCache.Best kept = cache.peak(hardware, type);
    return dated(type, kept == null ? kept(type, benchmark.applyAsDouble(type)) : kept);
  }

  /**
   * Bytes per second of this machine's main memory, as STREAM's triad moves them; takes about a
   * second the first time on a machine.
   */
  public double bytesPerSecond() {
    PeakCache.Best kept = cache.bandwidth(hardware);
    return kept == null ? keepBandwidth(bandwidthBenchmark.getAsDouble()) : kept.rate();
  }

  /** FLOP/s in a type now, however much there was before; kept if it is the best. */
  public double measure(MatrixType type) {
    double rate = benchmark.applyAsDouble(type);
    kept(type, rate);
    return rate;
  }

  /** Takes FLOP/s that another product reached, and gives the best of all. */
  public DatedPeak best(MatrixType type, double rate) {
    return dated(type, kept(type, rate));
  }

  /** Takes a bandwidth that was measured, and gives the best of all. */
  public double keepBandwidth(double bytesPerSecond) {
    return cache.bandwidth(hardware, new PeakCache.Best(bytesPerSecond, today.get())).rate();
  }

  private PeakCache.Best kept(MatrixType type, double rate) {
    return cache.peak(hardware, type, new PeakCache.Best(rate, today.get()));
  }

  private static DatedPeak dated(MatrixType type, PeakCache.Best best) {
    String day = best.day() == null ? "" : ", measured on " + best.day();
    return new DatedPeak(
        new Peak(
            best.rate(),
            type,
            Peak.Origin.MEASURED,
            "best matrix product on this machine, " + type.label() + day),
        best.day());
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
