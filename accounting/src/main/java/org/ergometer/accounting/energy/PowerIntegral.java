package org.ergometer.accounting.energy;

/** Energy of a power that is looked at now and then, by the trapezoidal rule. */
final class PowerIntegral {

  /** Nothing is known of what was drawn in a longer hole. */
  private static final long LONGEST_HOLE_NANOS = 1_000_000_000L;

  private boolean begun;
  private double lastMicrowatts;
  private long lastNanos;
  private double carry;

  /** The reading that a power at an instant amounts to; what is below a microjoule is kept. */
  EnergyReading next(double microwatts, long nanos) {
    long from = lastNanos;
    double mean = (lastMicrowatts + microwatts) / 2;
    boolean first = !begun;
    long elapsed = nanos - from;
    if (!first && elapsed <= 0) {
      return new EnergyReading.Pending();
    }
    begun = true;
    lastMicrowatts = microwatts;
    lastNanos = nanos;
    if (first) {
      return new EnergyReading.Pending();
    }
    if (elapsed > LONGEST_HOLE_NANOS) {
      return new EnergyReading.Unavailable(DropReason.GAP);
    }
    double energy = mean * elapsed / 1e9 + carry;
    long whole = (long) energy;
    carry = energy - whole;
    return new EnergyReading.Measured(whole, from, nanos);
  }
}
