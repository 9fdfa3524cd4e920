package org.ergometer.accounting.energy;

import org.jspecify.annotations.Nullable;

/**
 * Whether a sensor can be used, for people.
 *
 * @param sensor its name
 * @param readable whether it gives figures
 * @param counted whether these go into the energy of a run
 * @param reason why it is not readable or not counted, or what it covers
 * @param remedy the command that would make it readable; null where there is none
 */
public record SensorStatus(
    String sensor, boolean readable, boolean counted, String reason, @Nullable String remedy) {

  static SensorStatus used(EnergyDomain domain) {
    return new SensorStatus(
        domain.method().label() + " " + domain.name(), true, true, domain.covers(), null);
  }

  static SensorStatus notCounted(String sensor, String reason) {
    return new SensorStatus(sensor, true, false, reason, null);
  }

  static SensorStatus unusable(String sensor, String reason, @Nullable String remedy) {
    return new SensorStatus(sensor, false, false, reason, remedy);
  }

  /** One line: the sensor, the reason, and the remedy if there is one. */
  public String line() {
    String line = sensor + ": " + reason;
    return remedy == null ? line : line + "; " + remedy;
  }
}
