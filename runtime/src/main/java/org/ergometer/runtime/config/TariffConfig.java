package org.ergometer.runtime.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ergometer.accounting.energy.CarbonIntensity;
import org.ergometer.accounting.energy.GridRegion;
import org.ergometer.accounting.energy.PowerUsageEffectiveness;
import org.ergometer.accounting.energy.Tariff;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What a run's energy and time are turned into emissions and money with.
 *
 * @param region the intensity is of; null if it was given as a figure or is unknown
 */
public record TariffConfig(Tariff tariff, @Nullable GridRegion region) {

  static TariffConfig of(Settings settings) {
    GridRegion region =
        settings.isSet(Setting.REGION) ? region(settings.text(Setting.REGION)) : null;
    CarbonIntensity intensity = region == null ? null : region.intensity();
    if (settings.isSet(Setting.INTENSITY)) {
      if (region != null) {
        throw new InvalidInputException(
            "intensity must be said once, got intensity %s and region %s; leave one of the two out"
                .formatted(settings.text(Setting.INTENSITY), region.code()));
      }
      intensity = new CarbonIntensity(settings.real(Setting.INTENSITY), "given");
    }
    return new TariffConfig(
        new Tariff(
            new PowerUsageEffectiveness(settings.real(Setting.PUE)),
            intensity,
            settings.isSet(Setting.PRICE) ? settings.real(Setting.PRICE) : null,
            settings.isSet(Setting.ENERGY_PRICE) ? settings.real(Setting.ENERGY_PRICE) : null),
        region);
  }

  /**
   * A region of the table.
   *
   * @throws IllegalArgumentException if it is none, with the one that was meant if that is sure
   */
  public static GridRegion region(String text) {
    return GridRegion.named(text)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "region must be one that is known, got \"%s\"; %s"
                        .formatted(text, hint(text))));
  }

  /** Another country is no help: what is near to one that has no figure here is not told. */
  private static String hint(String text) {
    Set<String> all = new TreeSet<>(GridRegion.names());
    all.addAll(GridRegion.countries());
    return NearestName.typo(text, all)
        .flatMap(GridRegion::named)
        .map(region -> "did you mean %s? --intensity takes any figure".formatted(region.name()))
        .orElseGet(
            () ->
                "set --intensity, in kg CO2e per kWh, or one of "
                    + GridRegion.all().stream()
                        .map(GridRegion::code)
                        .collect(Collectors.joining(", ")));
  }

  void putInto(Map<String, Object> values) {
    values.put(Setting.PUE.key(), tariff.pue().ratio());
    if (region != null) {
      values.put(Setting.REGION.key(), region.code());
    } else if (tariff.intensity() != null) {
      values.put(Setting.INTENSITY.key(), tariff.intensity().kilogramsPerKilowattHour());
    }
    if (tariff.usdPerDeviceHour() != null) {
      values.put(Setting.PRICE.key(), tariff.usdPerDeviceHour());
    }
    if (tariff.usdPerKilowattHour() != null) {
      values.put(Setting.ENERGY_PRICE.key(), tariff.usdPerKilowattHour());
    }
  }
}
