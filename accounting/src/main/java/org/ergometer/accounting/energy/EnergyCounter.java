package org.ergometer.accounting.energy;

/**
 * A counter of energy that goes round: makes gains of its values, exact through wrap-around, and
 * never mistakes a reset, a jump or a hole for one.
 *
 * <p>A value below the last one is a wrap if the energy that this would mean can have been drawn in
 * the time between; else the counter was reset, and the sample is dropped. For the same reason
 * nothing is made of two values between which the counter may have gone round whole.
 */
final class EnergyCounter {

  /** More than any package, memory or GPU of today draws, by several times. */
  private static final double HIGHEST_WATTS = 5000;

  /** Sensors advance every 1 to 100 ms. */
  private static final long LONGEST_REST_NANOS = 1_000_000_000L;

  /** Looks in the time that the counter takes to go round at that power. */
  private static final double LOOKS_A_ROUND = 4;

  private static final double SHORTEST_PERIOD_NANOS = 5e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICRO = 1e6;

  private final long range;
  private boolean begun;
  private long last;
  private long lastNanos;

  /**
   * A counter that was not looked at yet.
   *
   * @param range microjoules after which it starts again from 0 (powercap's {@code
   *     max_energy_range_uj}); {@link Long#MAX_VALUE} if it never does
   */
  EnergyCounter(long range) {
    this.range = range;
  }

  /**
   * How often a counter of a range has to be looked at, so that no two looks can have a wrap-around
   * between them that nobody sees. Those of hardware hold 65 kJ or more, and set no bound.
   */
  static long periodNanos(long range) {
    double safe = range / (MICRO * HIGHEST_WATTS * LOOKS_A_ROUND) * NANOS_PER_SECOND;
    return (long)
        Math.min(EnergySampler.COUNTER_PERIOD_NANOS, Math.max(SHORTEST_PERIOD_NANOS, safe));
  }

  /** The reading that a value in microjoules amounts to. */
  EnergyReading next(long value, long nanos) {
    if (value < 0 || value > range) {
      return new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE);
    }
    if (!begun) {
      begin(value, nanos);
      return new EnergyReading.Pending();
    }
    long elapsed = nanos - lastNanos;
    if (value == last || elapsed <= 0) {
      return elapsed <= LONGEST_REST_NANOS
          ? new EnergyReading.Pending()
          : new EnergyReading.Unavailable(DropReason.STALLED);
    }
    long gained = value > last ? value - last : range - last + value;
    long from = lastNanos;
    begin(value, nanos);
    double most = HIGHEST_WATTS * MICRO * elapsed / NANOS_PER_SECOND;
    if (most >= range) {
      return new EnergyReading.Unavailable(DropReason.GAP);
    }
    return gained <= most
        ? new EnergyReading.Measured(gained, from, nanos)
        : new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE);
  }

  private void begin(long value, long nanos) {
    begun = true;
    last = value;
    lastNanos = nanos;
  }
}
