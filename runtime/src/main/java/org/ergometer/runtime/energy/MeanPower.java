package org.ergometer.runtime.energy;

import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.ergometer.accounting.energy.EnergySnapshot;

/** Mean power of a run between two looks at its sensors. */
public final class MeanPower {

  private final Supplier<EnergySnapshot> metered;
  private EnergySnapshot before;

  MeanPower(Supplier<EnergySnapshot> metered) {
    this.metered = metered;
    this.before = metered.get();
  }

  /**
   * Watts since they were told before: joules by the time that their samples cover. Empty until
   * every sensor has given a sample since.
   */
  public OptionalDouble watts() {
    EnergySnapshot now = metered.get();
    OptionalDouble watts = now.wattsSince(before, RunEnergy::isOfRun);
    if (watts.isPresent()) {
      before = now;
    }
    return watts;
  }
}
