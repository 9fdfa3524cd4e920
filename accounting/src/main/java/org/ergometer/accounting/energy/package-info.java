/**
 * Energy, and what follows from it: sensors and their readings, carbon intensity, emissions, money.
 * Nothing here knows a FLOP, a phase's code or a configuration.
 */
@NullMarked
package org.ergometer.accounting.energy;

import org.jspecify.annotations.NullMarked;
