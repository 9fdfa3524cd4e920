package org.ergometer.runtime.config;

import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What a run may spend; null sets no limit.
 *
 * @param minutes wall-clock time of training
 * @param flops counted FLOPs of all ops
 * @param kilowattHours energy of the devices
 * @param co2eKilograms emissions
 * @param usd money
 */
public record BudgetConfig(
    @Nullable Double minutes,
    @Nullable Double flops,
    @Nullable Double kilowattHours,
    @Nullable Double co2eKilograms,
    @Nullable Double usd) {

  static BudgetConfig of(Settings settings) {
    return new BudgetConfig(
        positive(settings, Setting.MINUTES),
        positive(settings, Setting.FLOPS_BUDGET),
        positive(settings, Setting.ENERGY_BUDGET_KWH),
        positive(settings, Setting.CO2E_BUDGET_KG),
        positive(settings, Setting.USD_BUDGET));
  }

  private static @Nullable Double positive(Settings settings, Setting setting) {
    if (!settings.isSet(setting)) {
      return null;
    }
    double value = settings.real(setting);
    if (!(value > 0)) {
      throw new InvalidInputException(
          "%s must be > 0, got %s; set --%s, or leave it out for no limit"
              .formatted(setting.key(), settings.text(setting), setting.key()));
    }
    return value;
  }

  void putInto(Map<String, Object> values) {
    put(values, Setting.MINUTES, minutes);
    put(values, Setting.FLOPS_BUDGET, flops);
    put(values, Setting.ENERGY_BUDGET_KWH, kilowattHours);
    put(values, Setting.CO2E_BUDGET_KG, co2eKilograms);
    put(values, Setting.USD_BUDGET, usd);
  }

  private static void put(Map<String, Object> values, Setting setting, @Nullable Double value) {
    if (value != null) {
      values.put(setting.key(), value);
    }
  }
}
