package org.ergometer.runtime.report;

import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.runtime.config.TariffConfig;
import org.ergometer.runtime.energy.EnergyHistory;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run's energy at one moment.
 *
 * @param history what all processes of the run metered, the rests before training included
 * @param footprint emissions and price of the run, without the rest
 * @param tariff what they were computed with
 * @param fullLoadWatts of the processors; null if unknown
 * @param forecast of the whole run; null before it is made
 * @param stoppedBy the budget that is spent, in words; null if none is
 */
public record EnergyFacts(
    EnergyHistory history,
    Footprint footprint,
    TariffConfig tariff,
    @Nullable Double fullLoadWatts,
    @Nullable Forecast forecast,
    @Nullable String stoppedBy) {

  /** Everything that was metered, the rests included. */
  EnergySnapshot metered() {
    return history.metered();
  }
}
