package org.ergometer.accounting.energy;

import java.util.List;

/**
 * Something that tells the energy of one or more domains. Looked at by one thread, again and again;
 * it never throws for what a sensor does, but says so in its readings.
 */
public interface EnergyMeter extends AutoCloseable {

  /** What it covers, always the same. */
  List<EnergyDomain> domains();

  /**
   * Looks now.
   *
   * @return a reading for each domain, in their order
   */
  List<EnergyReading> read();

  /**
   * How often to look. What counts energy by itself loses nothing between two looks; each costs
   * processor time.
   */
  default long periodNanos() {
    return EnergySampler.COUNTER_PERIOD_NANOS;
  }

  /** Lets go of what it holds of the system. */
  @Override
  void close();
}
