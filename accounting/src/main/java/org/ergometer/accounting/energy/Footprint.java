package org.ergometer.accounting.energy;

import org.jspecify.annotations.Nullable;

/**
 * Energy, emissions and price of a piece of work, each as far as it is known.
 *
 * @param deviceJoules what the devices drew; null if unknown
 * @param pue overhead of the place they stand in
 * @param emissions null without energy or intensity
 * @param cost null without a price
 */
public record Footprint(
    @Nullable Double deviceJoules,
    PowerUsageEffectiveness pue,
    @Nullable Emissions emissions,
    @Nullable Cost cost) {

  private static final double SECONDS_PER_HOUR = 3600;

  /** The footprint of energy that the devices drew; of no energy if that is null. */
  public static Footprint of(
      @Nullable Double deviceJoules,
      PowerUsageEffectiveness pue,
      @Nullable CarbonIntensity intensity,
      @Nullable Cost cost) {
    Emissions emissions =
        deviceJoules == null || intensity == null
            ? null
            : Emissions.of(deviceJoules, pue, intensity);
    return new Footprint(deviceJoules, pue, emissions, cost);
  }

  /** Energy of devices that draw so many watts on average. */
  public static double joules(double deviceHours, double watts) {
    return deviceHours * SECONDS_PER_HOUR * watts;
  }

  /** What the whole facility drew for this; null if unknown. */
  public @Nullable Double facilityJoules() {
    return deviceJoules == null ? null : pue.facilityJoules(deviceJoules);
  }
}
