package org.ergometer.accounting.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Energy of NVIDIA GPUs: the counter of those that have one, else their power, integrated. Whoever
 * uses a GPU at the same time is metered too.
 */
final class NvmlMeter implements EnergyMeter {

  private static final long MICRO_PER_MILLI = 1000;

  /**
   * Looks shall take less than a thousandth of a core, since drivers work for milliseconds to tell
   * a counter, and after seconds without one for twice as long as right after another; where there
   * are many GPUs they take more, lest it be looked at too seldom.
   */
  private static final long LOOKS_IN_A_PERIOD = 2500;

  private static final long LONGEST_PERIOD_NANOS = 10_000_000_000L;

  private final Nvml nvml;
  private final List<NvidiaGpu> gpus;
  private final List<EnergyDomain> domains;
  private final List<@Nullable EnergyCounter> counters = new ArrayList<>();
  private final List<PowerIntegral> integrals = new ArrayList<>();
  private final LongSupplier nanoTime;
  private final long periodNanos;
  private final long[] energy = new long[1];
  private final int[] power = new int[1];

  /** A meter of those GPUs that are wanted and tell their energy; the library is closed with it. */
  NvmlMeter(Nvml nvml, Predicate<NvidiaGpu> wanted, LongSupplier nanoTime) {
    this.nvml = nvml;
    this.nanoTime = nanoTime;
    this.gpus = nvml.gpus().stream().filter(gpu -> gpu.energy() != null).filter(wanted).toList();
    this.domains = gpus.stream().map(NvmlMeter::domain).toList();
    for (NvidiaGpu gpu : gpus) {
      boolean counts = gpu.energy() == EnergyMethod.NVML_COUNTER;
      counters.add(counts ? new EnergyCounter(Long.MAX_VALUE) : null);
      integrals.add(new PowerIntegral());
    }
    this.periodNanos =
        counters.contains(null)
            ? EnergySampler.POWER_PERIOD_NANOS
            : Math.min(
                LONGEST_PERIOD_NANOS,
                Math.max(EnergySampler.COUNTER_PERIOD_NANOS, LOOKS_IN_A_PERIOD * lookNanos()));
  }

  /** How long it takes to ask for all counters, at best of a few times. */
  private long lookNanos() {
    long best = Long.MAX_VALUE;
    for (int time = 0; time < 3; time++) {
      long start = System.nanoTime();
      gpus.forEach(gpu -> nvml.millijoules(gpu.index(), energy));
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }

  static EnergyDomain domain(NvidiaGpu gpu) {
    EnergyMethod method = gpu.energy();
    if (method == null) {
      throw new InvalidInputException(gpu.label() + " has no energy");
    }
    String whole = gpu.mig() ? ", all of its MIG instances together" : "";
    String how = method == EnergyMethod.NVML_POWER ? "; its power is integrated" : "";
    return new EnergyDomain(
        gpu.label(),
        gpu.label(),
        method,
        "the whole %s%s, other processes included%s".formatted(gpu.name(), whole, how));
  }

  /** Power is integrated from looks; a counter loses nothing between them, and may cost more. */
  @Override
  public long periodNanos() {
    return periodNanos;
  }

  @Override
  public List<EnergyDomain> domains() {
    return domains;
  }

  @Override
  public List<EnergyReading> read() {
    List<EnergyReading> readings = new ArrayList<>(gpus.size());
    for (int index = 0; index < gpus.size(); index++) {
      readings.add(read(gpus.get(index).index(), counters.get(index), integrals.get(index)));
    }
    return readings;
  }

  private EnergyReading read(int gpu, @Nullable EnergyCounter counter, PowerIntegral integral) {
    if (counter != null) {
      long millijoules = nvml.millijoules(gpu, energy);
      return millijoules < 0
          ? new EnergyReading.Unavailable(DropReason.UNREADABLE)
          : counter.next(millijoules * MICRO_PER_MILLI, nanoTime.getAsLong());
    }
    int milliwatts = nvml.milliwatts(gpu, power);
    return milliwatts < 0
        ? new EnergyReading.Unavailable(DropReason.UNREADABLE)
        : integral.next((double) milliwatts * MICRO_PER_MILLI, nanoTime.getAsLong());
  }

  @Override
  public void close() {
    nvml.close();
  }
}
