package org.ergometer.runtime.report;

import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.runtime.config.TariffConfig;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a run's energy at one moment.
 *
 * @param metered everything since the process began to meter, the rest before training included
 * @param restSeconds how long that rest was; 0 if it was not metered
 * @param footprint emissions and price of the run, without the rest
 * @param tariff what they were computed with
 * @param fullLoadWatts of the processors; null if unknown
 * @param forecast of the whole run; null before it is made
 * @param stoppedBy the budget that is spent, in words; null if none is
 */
public record EnergyFacts(
    EnergySnapshot metered,
    double restSeconds,
    Footprint footprint,
    TariffConfig tariff,
    @Nullable Double fullLoadWatts,
    @Nullable Forecast forecast,
    @Nullable String stoppedBy) {}
