package org.ergometer.accounting.energy;

import org.jspecify.annotations.Nullable;

/**
 * What turns energy and time into emissions and money, as far as it is known.
 *
 * @param intensity null if unknown
 * @param usdPerDeviceHour rent of the device; null if none is paid, or it is unknown
 * @param usdPerKilowattHour price of electricity, paid for the whole facility; null likewise
 */
public record Tariff(
    PowerUsageEffectiveness pue,
    @Nullable CarbonIntensity intensity,
    @Nullable Double usdPerDeviceHour,
    @Nullable Double usdPerKilowattHour) {

  private static final double SECONDS_PER_HOUR = 3600;

  public Tariff {
    // An impossible price is told now, not at the end of a run.
    if (usdPerDeviceHour != null) {
      Cost.ofDeviceHours(0, usdPerDeviceHour);
    }
    if (usdPerKilowattHour != null) {
      Cost.ofEnergy(0, usdPerKilowattHour);
    }
  }

  /** Whether a price is known. */
  public boolean priced() {
    return usdPerDeviceHour != null || usdPerKilowattHour != null;
  }

  /**
   * The footprint of one device.
   *
   * @param joules that it drew; null if unknown
   * @param seconds that it was taken for
   */
  public Footprint footprint(@Nullable Double joules, double seconds) {
    return Footprint.of(joules, pue, intensity, cost(joules, seconds));
  }

  /** A sum of which a part is unknown is unknown. */
  private @Nullable Cost cost(@Nullable Double joules, double seconds) {
    Cost rent =
        usdPerDeviceHour == null
            ? null
            : Cost.ofDeviceHours(seconds / SECONDS_PER_HOUR, usdPerDeviceHour);
    if (usdPerKilowattHour == null) {
      return rent;
    }
    if (joules == null) {
      return null;
    }
    Cost electricity = Cost.ofEnergy(pue.facilityJoules(joules), usdPerKilowattHour);
    return rent == null ? electricity : rent.plus(electricity);
  }
}
