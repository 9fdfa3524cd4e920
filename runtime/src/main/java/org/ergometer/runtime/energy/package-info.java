/**
 * The energy of a run: metered from its rest before training to its end, held against budgets, and
 * forecast. Nothing here reads a sensor itself, prints, or knows a model.
 */
@NullMarked
package org.ergometer.runtime.energy;

import org.jspecify.annotations.NullMarked;
