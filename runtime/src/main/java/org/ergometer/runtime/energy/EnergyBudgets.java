package org.ergometer.runtime.energy;

import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.config.BudgetConfig;
import org.ergometer.runtime.config.EnergyConfig;
import org.jspecify.annotations.Nullable;

/** Finds budgets that can never be held because what they limit is unknown. */
final class EnergyBudgets {

  private EnergyBudgets() {}

  static void check(EnergyConfig config, boolean energyKnown) {
    BudgetConfig budget = config.budget();
    boolean emissionsKnown = energyKnown && config.tariff().tariff().intensity() != null;
    boolean priceKnown =
        config.tariff().tariff().priced()
            && (energyKnown || config.tariff().tariff().usdPerKilowattHour() == null);
    String sensor = config.enabled() ? "--cpu-watts, since no sensor can be read" : "--energy";
    require("energy-budget-kwh", budget.kilowattHours(), energyKnown, sensor);
    require(
        "co2e-budget-kg",
        budget.co2eKilograms(),
        emissionsKnown,
        energyKnown ? "--region or --intensity" : sensor);
    require(
        "usd-budget",
        budget.usd(),
        priceKnown,
        config.tariff().tariff().priced() ? sensor : "--price or --energy-price");
  }

  private static void require(String name, @Nullable Double limit, boolean known, String remedy) {
    if (limit != null && !known) {
      throw new InvalidInputException(
          "%s needs to know what is spent, got %s and nothing to know it from; set %s"
              .formatted(name, limit, remedy));
    }
  }
}
