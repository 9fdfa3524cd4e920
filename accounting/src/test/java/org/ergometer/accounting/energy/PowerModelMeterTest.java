package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerModelMeterTest {

  private static final long SECOND = 1_000_000_000L;

  private final Path directory;
  private long now;

  PowerModelMeterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** user, nice, system, idle, iowait, irq, softirq, steal, guest, guest nice. */
  private Path stat(String columns) throws IOException {
    return Files.writeString(
        directory.resolve("stat"), "cpu  " + columns + " 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
  }

  /** Of 400 ticks 100 were worked, 40 of them by the kernel; 250 idle, 30 waiting, 20 stolen. */
  @Test
  void wattsTimesTheWorkedPart() throws IOException {
    Path stat = stat("1000 0 500 8000 100 0 0 5");
    PowerModelMeter meter = new PowerModelMeter(80, "given", new ProcessorLoad(stat), () -> now);

    assertThat(meter.read()).containsExactly(new EnergyReading.Pending());
    now = 2 * SECOND;
    assertThat(meter.read()).containsExactly(new EnergyReading.Pending());
    stat("1060 0 530 8250 130 5 5 25");
    // 80 W × 100/400 × 2 s
    assertThat(meter.read())
        .containsExactly(new EnergyReading.Estimated(40_000_000, 0, 2 * SECOND));
    Files.delete(stat);
    assertThat(meter.read()).containsExactly(new EnergyReading.Unavailable(DropReason.UNREADABLE));
  }

  @Test
  void saysThatItIsAnEstimate() throws IOException {
    PowerModelMeter meter =
        new PowerModelMeter(80, "given", new ProcessorLoad(stat("1 0 0 0 0 0 0 0")), () -> now);

    assertThat(meter.domains())
        .singleElement()
        .satisfies(
            domain -> {
              assertThat(domain.method().measured()).isFalse();
              assertThat(domain.covers()).startsWith("an estimate: 80.0 W (given)");
            });
  }

  @Test
  void ratedPowerIsOfAllPackagesOrTheirPart() throws IOException {
    String cpu = "model name\t: Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz\nphysical id\t: %d\n";
    Path server =
        Files.writeString(
            directory.resolve("server"),
            "processor\t: 0\n"
                + cpu.formatted(0)
                + "flags\t: fpu avx2\n"
                + "processor\t: 1\n"
                + cpu.formatted(1)
                + "flags\t: fpu avx2\n");
    Path guest =
        Files.writeString(
            directory.resolve("guest"),
            """
            processor	: 0
            model name	: AMD EPYC 7763 64-Core Processor
            flags	: fpu pti        vmmcall hypervisor
            """
                .repeat(4));
    Path unknown =
        Files.writeString(
            directory.resolve("unknown"),
            "processor\t: 0\nmodel name\t: Intel(R) Xeon(R) Processor\n");

    // two packages of 150 W
    assertThat(Processor.read(server).ratedPower())
        .hasValueSatisfying(
            power -> {
              assertThat(power.watts()).isEqualTo(300);
              assertThat(power.basis())
                  .isEqualTo("2 x Xeon Gold 6148, 150.0 W TDP, Intel ARK 2017");
            });
    // 4 of 128 threads of 280 W
    assertThat(Processor.read(guest).ratedPower())
        .hasValueSatisfying(power -> assertThat(power.watts()).isCloseTo(8.75, within(1e-12)));
    assertThat(Processor.read(unknown).ratedPower()).isEmpty();
    assertThat(Processor.read(directory.resolve("missing")).ratedPower()).isEmpty();
  }

  @Test
  void theModelIsOffWhereASensorIs() throws IOException {
    PowercapTree tree = new PowercapTree(directory);
    EnergySensors.Wanted wanted =
        new EnergySensors.Wanted(directory.resolve("none"), null, false, null, 65.0, null);
    tree.zone("intel-rapl:0", "package-0", 0);
    EnergySensors.Wanted withSensor =
        new EnergySensors.Wanted(directory, null, false, null, 65.0, null);

    assertThat(methods(wanted)).containsExactly(EnergyMethod.POWER_MODEL);
    assertThat(EnergySensors.discover(wanted, () -> now).measured()).isFalse();
    assertThat(methods(withSensor)).containsExactly(EnergyMethod.RAPL);
    assertThat(EnergySensors.discover(withSensor, () -> now).measured()).isTrue();
  }

  private List<EnergyMethod> methods(EnergySensors.Wanted wanted) {
    return EnergySensors.discover(wanted, () -> now).meters().stream()
        .flatMap(meter -> meter.domains().stream())
        .map(EnergyDomain::method)
        .toList();
  }
}
