package org.ergometer.accounting.metrics;

import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.Forecast;
import org.jspecify.annotations.Nullable;

/**
 * Energy of this process and of its run at one instant, and what follows from it.
 *
 * @param process energy since the process began to meter, the rest before training included
 * @param footprint emissions and price of that
 * @param runJoules of the whole run, resumed parts included; null if unknown
 * @param forecast of the whole run; null before it is made
 */
public record EnergyState(
    EnergySnapshot process,
    Footprint footprint,
    @Nullable Double runJoules,
    @Nullable Forecast forecast) {}
