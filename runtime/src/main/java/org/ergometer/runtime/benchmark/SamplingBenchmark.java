package org.ergometer.runtime.benchmark;

import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import org.ergometer.accounting.energy.EnergyMeter;
import org.ergometer.accounting.energy.EnergySampler;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.energy.PhaseClock;

/**
 * Processor time that energy sampling takes on this machine: what its thread uses while nothing
 * else goes on, after it has become warm.
 *
 * @param domains that were looked at each time
 * @param coreShare seconds of one core for each second
 */
public record SamplingBenchmark(int domains, double coreShare) {

  private static final long WARM_UP_NANOS = 3_000_000_000L;
  private static final long MEASURED_NANOS = 4_000_000_000L;

  /** So that one look more or less hardly counts, also with meters that are looked at seldom. */
  private static final int LEAST_LOOKS = 4;

  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * Measures; takes seven seconds, and more where a meter is looked at seldom. Not a number where
   * the system tells no thread's time.
   */
  public static SamplingBenchmark measure(EnergySensors sensors) {
    long period = sensors.meters().stream().mapToLong(EnergyMeter::periodNanos).max().orElse(0);
    return measure(sensors, WARM_UP_NANOS, Math.max(MEASURED_NANOS, LEAST_LOOKS * period));
  }

  static SamplingBenchmark measure(EnergySensors sensors, long warmUpNanos, long measuredNanos) {
    PhaseClock clock = new PhaseClock(List.of("idle"), System::nanoTime);
    int domains = sensors.meters().stream().mapToInt(meter -> meter.domains().size()).sum();
    try (EnergySampler sampler = EnergySampler.start(sensors.meters(), clock)) {
      rest(warmUpNanos);
      OptionalDouble before = sampler.cpuSeconds();
      long start = System.nanoTime();
      rest(measuredNanos);
      OptionalDouble after = sampler.cpuSeconds();
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      return new SamplingBenchmark(
          domains,
          before.isPresent() && after.isPresent()
              ? (after.getAsDouble() - before.getAsDouble()) / seconds
              : Double.NaN);
    }
  }

  private static void rest(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
