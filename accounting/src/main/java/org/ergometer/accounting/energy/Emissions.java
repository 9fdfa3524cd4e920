package org.ergometer.accounting.energy;

/**
 * Greenhouse gas of a piece of work: energy of the devices × PUE × carbon intensity (Patterson et
 * al. 2021, section 2.5).
 *
 * @param grams g CO2e
 * @param intensity what they were computed with
 */
public record Emissions(double grams, CarbonIntensity intensity) {

  /** Emissions of energy that the devices drew. */
  public static Emissions of(
      double deviceJoules, PowerUsageEffectiveness pue, CarbonIntensity intensity) {
    return new Emissions(intensity.grams(pue.facilityJoules(deviceJoules)), intensity);
  }
}
