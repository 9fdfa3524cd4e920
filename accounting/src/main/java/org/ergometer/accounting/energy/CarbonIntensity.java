package org.ergometer.accounting.energy;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Greenhouse gas emitted for electricity, as a mass of CO2 that warms as much.
 *
 * @param kilogramsPerKilowattHour kg CO2e per kWh
 * @param source where the figure is from, for people
 */
public record CarbonIntensity(double kilogramsPerKilowattHour, String source) {

  private static final double GRAMS_PER_KILOGRAM = 1000;

  public CarbonIntensity {
    if (!(kilogramsPerKilowattHour >= 0) || Double.isInfinite(kilogramsPerKilowattHour)) {
      throw new InvalidInputException(
          "intensity must be >= 0 kg CO2e per kWh, got %s; set --intensity or --region"
              .formatted(kilogramsPerKilowattHour));
    }
  }

  /** Grams of CO2e for so much energy drawn from the grid. */
  public double grams(double joules) {
    return KilowattHours.ofJoules(joules) * kilogramsPerKilowattHour * GRAMS_PER_KILOGRAM;
  }
}
