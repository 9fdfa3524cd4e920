package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnergySnapshotTest {

  private static final EnergyDomain FAST =
      new EnergyDomain("cpu0", "package-0", EnergyMethod.RAPL, "a processor");
  private static final EnergyDomain SLOW =
      new EnergyDomain("gpu0", "board", EnergyMethod.NVML_COUNTER, "a GPU");

  /** 10 J in 2 s and 30 J in 10 s, since samples of the slower sensor lie further apart. */
  @Test
  void powerIsOfTheTimeThatSamplesCover() {
    EnergySnapshot before = snapshot(energy(FAST, 5, 1), energy(SLOW, 20, 10));
    EnergySnapshot now = snapshot(energy(FAST, 15, 3), energy(SLOW, 50, 20));

    assertThat(now.wattsSince(before, phase -> true)).hasValue(10.0 / 2 + 30.0 / 10);
    assertThat(now.wattsSince(before, phase -> phase.equals("idle"))).isEmpty();
  }

  /** A sum over some of the sensors would be too low. */
  @Test
  void powerIsUnknownUntilEverySensorGaveASample() {
    EnergySnapshot before = snapshot(energy(FAST, 5, 1), energy(SLOW, 20, 10));
    EnergySnapshot now = snapshot(energy(FAST, 15, 3), energy(SLOW, 20, 10));

    assertThat(now.wattsSince(before, phase -> true)).isEmpty();
    assertThat(snapshot().wattsSince(snapshot(), phase -> true)).isEmpty();
  }

  private static EnergySnapshot snapshot(DomainEnergy... domains) {
    return new EnergySnapshot(List.of(domains));
  }

  private static DomainEnergy energy(EnergyDomain domain, long joules, double seconds) {
    return new DomainEnergy(
        domain,
        seconds,
        seconds,
        Map.of("forward", 1_000_000 * joules),
        Map.of("forward", 0.0),
        Map.of("forward", seconds),
        Map.of());
  }
}
