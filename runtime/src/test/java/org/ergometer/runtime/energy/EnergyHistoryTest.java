package org.ergometer.runtime.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.DropReason;
import org.ergometer.accounting.energy.EnergyDomain;
import org.ergometer.accounting.energy.EnergyMethod;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.junit.jupiter.api.Test;

class EnergyHistoryTest {

  private static final long SECOND = 1_000_000_000L;

  private static DomainEnergy domain(String name, EnergyMethod method, long forwardMicrojoules) {
    return new DomainEnergy(
        new EnergyDomain("cpu-0", name, method, "a whole processor, other processes included"),
        10,
        8,
        Map.of("idle", 1_000_000L, "forward", forwardMicrojoules),
        Map.of("idle", 0.3, "forward", 0.4),
        Map.of("idle", 2.0, "forward", 6.0),
        Map.of(DropReason.UNREADABLE, 5L));
  }

  /** Two seconds of rest, eight of work. */
  private static EnergyHistory history(DomainEnergy... domains) {
    return new EnergyHistory(new EnergySnapshot(List.of(domains)), 2 * SECOND, 8 * SECOND, 0);
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() {
    EnergyHistory history =
        new EnergyHistory(
            history(
                    domain("gpu-0", EnergyMethod.NVML_COUNTER, 11),
                    domain("package-0", EnergyMethod.RAPL, 7_000_001))
                .metered(),
            3,
            4,
            5);

    assertThat(EnergyTallies.read(EnergyTallies.of(history))).isEqualTo(history);
    assertThat(EnergyTallies.read(Map.of("steps", 7L))).isEqualTo(EnergyHistory.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EnergyTallies.read(
                    Map.of(
                        String.join("\u001f", "energy", "sundial", "a", "b", "c", "NANOS", ""),
                        1L)));
  }

  @Test
  void processesAddUpToTheMicrojoule() {
    EnergyHistory sum =
        history(domain("package-0", EnergyMethod.RAPL, 7_000_001))
            .plus(history(domain("package-0", EnergyMethod.RAPL, 2)));

    assertThat(sum.metered().microjoulesByPhase(phase -> true))
        .isEqualTo(Map.of("idle", 2_000_000L, "forward", 7_000_003L));
    assertThat(sum.joules()).hasValue(7.000003);
    assertThat(sum.metered().coverage()).isEqualTo(0.8);
    assertThat(sum.metered().deviationJoules("forward"))
        .isCloseTo(Math.hypot(0.4, 0.4), within(1e-12));
    assertThat(sum.metered().watts("idle")).hasValue(0.5);
    assertThat(sum.metered().dropped()).isEqualTo(Map.of(DropReason.UNREADABLE, 10L));
    assertThat(sum.restSeconds()).isEqualTo(4);
    assertThat(sum.seconds()).isEqualTo(16);
  }

  /** Of 20 seconds, 8 are covered. */
  @Test
  void aProcessWithoutTheSensorLowersTheCoverage() {
    EnergyHistory metered = history(domain("package-0", EnergyMethod.RAPL, 7_000_000));
    EnergyHistory blind = history();

    assertThat(metered.plus(blind).metered().coverage()).isEqualTo(0.4);
    assertThat(blind.plus(metered).metered().coverage()).isEqualTo(0.4);
    assertThat(blind.plus(metered).joules()).hasValue(7);
    assertThat(blind.plus(blind).joules()).isEmpty();
    assertThat(EnergyHistory.NONE.plus(metered)).isEqualTo(metered);
  }

  @Test
  void whatWasDrawnSinceTheCheckpointIsRedoneIfStepsWereLost() {
    EnergyHistory saved =
        new EnergyHistory(
            history(domain("package-0", EnergyMethod.RAPL, 7_000_000)).metered(), 0, 0, 2_000_000);
    EnergyHistory died = history(domain("package-0", EnergyMethod.RAPL, 10_000_000));

    // 3 J since the checkpoint, 2 J that an earlier process had lost
    assertThat(died.goingOnFrom(saved, true).redoneJoules()).isEqualTo(5);
    assertThat(died.goingOnFrom(saved, false).redoneJoules()).isEqualTo(2);
    assertThat(died.goingOnFrom(EnergyHistory.NONE, true).redoneJoules()).isEqualTo(10);
  }
}
