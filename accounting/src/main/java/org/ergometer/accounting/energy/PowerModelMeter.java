package org.ergometer.accounting.energy;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * An estimate where no sensor is: watts of the processors at full load, times the part of their
 * time that was worked, by anybody.
 *
 * <p>Power that grows in proportion to the load is the simplest of the models that Fan, Weber and
 * Barroso compare (Power Provisioning for a Warehouse-sized Computer, 2007, section 4.3), with an
 * idle power of 0, so that a processor that is little used draws more than this says.
 */
final class PowerModelMeter implements EnergyMeter {

  private static final double MICRO = 1e6;

  private final double watts;
  private final List<EnergyDomain> domains;
  private final ProcessorLoad load;
  private final LongSupplier nanoTime;
  private boolean begun;
  private long lastNanos;
  private double carry;

  /**
   * A model of all processors of the machine.
   *
   * @param basis where the watts are from, for people
   */
  PowerModelMeter(double watts, String basis, ProcessorLoad load, LongSupplier nanoTime) {
    this.watts = watts;
    this.domains =
        List.of(
            new EnergyDomain(
                "cpu",
                "cpu",
                EnergyMethod.POWER_MODEL,
                "an estimate: %s W (%s) times the load of the processors".formatted(watts, basis)));
    this.load = load;
    this.nanoTime = nanoTime;
  }

  @Override
  public List<EnergyDomain> domains() {
    return domains;
  }

  /**
   * Half as often as a sensor's counter: the system adds up processor time by itself, and to ask
   * for it costs more.
   */
  @Override
  public long periodNanos() {
    return 2 * EnergySampler.COUNTER_PERIOD_NANOS;
  }

  @Override
  public List<EnergyReading> read() {
    OptionalDouble now = load.next();
    long nanos = nanoTime.getAsLong();
    if (now.isEmpty()) {
      return List.of(new EnergyReading.Unavailable(DropReason.UNREADABLE));
    }
    long from = lastNanos;
    if (!begun) {
      begun = true;
      lastNanos = nanos;
      return List.of(new EnergyReading.Pending());
    }
    if (Double.isNaN(now.getAsDouble()) || nanos <= from) {
      return List.of(new EnergyReading.Pending());
    }
    lastNanos = nanos;
    double energy = watts * MICRO * now.getAsDouble() * (nanos - from) / 1e9 + carry;
    long whole = (long) energy;
    carry = energy - whole;
    return List.of(new EnergyReading.Estimated(whole, from, nanos));
  }

  /** Holds nothing. */
  @Override
  public void close() {}
}
