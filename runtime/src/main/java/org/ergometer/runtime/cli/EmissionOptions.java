package org.ergometer.runtime.cli;

import org.ergometer.accounting.energy.CarbonIntensity;
import org.ergometer.accounting.energy.GridRegion;
import org.ergometer.accounting.energy.PowerUsageEffectiveness;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.config.Quantity;
import org.ergometer.runtime.config.TariffConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that turn a device's energy into a facility's, and that into emissions. */
final class EmissionOptions {

  @Option(
      names = "--pue",
      paramLabel = "X",
      description = "energy of the data centre for each of its computers' (default: 1, nothing)")
  private @Nullable String pue;

  @Option(
      names = "--intensity",
      paramLabel = "X",
      description = "kg CO2e for each kWh of electricity")
  private @Nullable String intensity;

  @Option(
      names = "--region",
      paramLabel = "NAME",
      description = "the mean intensity of a country instead, such as FR or France; or WORLD")
  private @Nullable String region;

  PowerUsageEffectiveness pue() {
    return pue == null
        ? PowerUsageEffectiveness.NONE
        : new PowerUsageEffectiveness(Quantity.real("pue", pue));
  }

  /** Whether anything of it was said. */
  boolean given() {
    return pue != null || intensity != null || region != null;
  }

  /** The region that was named; null if none was. */
  @Nullable GridRegion region() {
    return region == null ? null : TariffConfig.region(region);
  }

  /** The intensity that was given or is the region's; null if neither was said. */
  @Nullable CarbonIntensity intensity() {
    GridRegion grid = region();
    if (intensity == null) {
      return grid == null ? null : grid.intensity();
    }
    if (grid != null) {
      throw new InvalidInputException(
          "intensity must be said once, got intensity %s and region %s; leave one of the two out"
              .formatted(intensity, grid.code()));
    }
    return new CarbonIntensity(Quantity.real("intensity", intensity), "given");
  }
}
