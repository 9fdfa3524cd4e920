package org.ergometer.accounting.energy;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Price of a piece of work. Prices are always given by the user: there is no table of them here.
 *
 * @param basis the price it was computed with, for people
 */
public record Cost(double usd, String basis) {

  /** Rent of devices, in US dollars per device and hour. */
  public static Cost ofDeviceHours(double deviceHours, double usdPerDeviceHour) {
    atLeastZero("price", "USD per device-hour", usdPerDeviceHour);
    return new Cost(
        deviceHours * usdPerDeviceHour,
        "%s USD for a device and an hour".formatted(usdPerDeviceHour));
  }

  /** Price of electricity alone, in US dollars per kilowatt-hour. */
  public static Cost ofEnergy(double joules, double usdPerKilowattHour) {
    atLeastZero("energy price", "USD per kWh", usdPerKilowattHour);
    double kilowattHours = KilowattHours.ofJoules(joules);
    return new Cost(
        kilowattHours * usdPerKilowattHour, "%s USD per kWh".formatted(usdPerKilowattHour));
  }

  /** Both together. */
  public Cost plus(Cost other) {
    return new Cost(usd + other.usd, basis + " and " + other.basis);
  }

  private static void atLeastZero(String name, String unit, double price) {
    if (!(price >= 0) || Double.isInfinite(price)) {
      throw new InvalidInputException(
          "%s must be >= 0 %s, got %s; set --%s"
              .formatted(name, unit, price, name.replace(' ', '-')));
    }
  }
}
