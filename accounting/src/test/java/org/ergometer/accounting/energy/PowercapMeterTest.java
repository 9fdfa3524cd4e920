package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowercapMeterTest {

  private static final long TENTH = 100_000_000L;

  private final Path directory;
  private final PowercapTree tree;
  private long now;

  PowercapMeterTest(@TempDir Path directory) {
    this.directory = directory;
    this.tree = new PowercapTree(directory);
  }

  /** Two packages, their memory, cores, the platform, and the same package by another driver. */
  private void server() throws IOException {
    Files.createDirectories(directory.resolve("intel-rapl"));
    tree.zone("intel-rapl:0", "package-0", 0);
    tree.zone("intel-rapl:0:0", "core", 0);
    tree.zone("intel-rapl:0:1", "dram", 0);
    tree.zone("intel-rapl:1", "package-1", 0);
    tree.zone("intel-rapl:1:0", "dram", 0);
    tree.zone("intel-rapl:2", "psys", 0);
    tree.zone("intel-rapl-mmio:0", "package-0", 77);
  }

  private PowercapMeter.Found discover() {
    return PowercapMeter.discover(directory, () -> now);
  }

  private PowercapMeter meter() {
    return Objects.requireNonNull(discover().meter());
  }

  @Test
  void packagesAndMemoryCountAndNothingTwice() throws IOException {
    server();

    PowercapMeter.Found found = discover();

    assertThat(meter().domains())
        .extracting(EnergyDomain::name, EnergyDomain::device)
        .containsExactly(
            tuple("dram-0", "cpu-0"),
            tuple("dram-1", "cpu-1"),
            tuple("package-0", "cpu-0"),
            tuple("package-1", "cpu-1"));
    assertThat(found.statuses())
        .filteredOn(status -> !status.counted())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.sensor()).isEqualTo("rapl psys");
              assertThat(status.readable()).isTrue();
              assertThat(status.reason()).contains("not added");
            });
  }

  @Test
  void theTreeOfTheDeviceIsTheSame() throws IOException {
    // /sys/devices/virtual/powercap holds parts inside their package
    tree.zone("intel-rapl/intel-rapl:0", "package-0", 0);
    tree.zone("intel-rapl/intel-rapl:0/intel-rapl:0:0", "dram", 0);
    Files.createSymbolicLink(
        directory.resolve("intel-rapl:0"), directory.resolve("intel-rapl/intel-rapl:0"));

    assertThat(meter().domains())
        .extracting(EnergyDomain::name)
        .containsExactly("dram-0", "package-0");
  }

  @Test
  void thePlatformCountsWhereNoPackageCanBeRead() throws IOException {
    server();
    Files.delete(tree.energy("intel-rapl:0"));
    Files.delete(tree.energy("intel-rapl:1"));
    Files.delete(tree.energy("intel-rapl-mmio:0"));

    assertThat(meter().domains()).extracting(EnergyDomain::name).containsExactly("psys");
  }

  @Test
  void noTreeIsSaidInOneLine() {
    PowercapMeter.Found found =
        PowercapMeter.discover(directory.resolve("missing"), System::nanoTime);

    assertThat(found.meter()).isNull();
    assertThat(found.statuses())
        .singleElement()
        .satisfies(
            status ->
                assertThat(status.line())
                    .contains("missing does not exist")
                    .contains("virtual machines")
                    .doesNotContain("\n"));
  }

  @Test
  void whatHoldsNoNumberIsNotReadable() throws IOException {
    tree.zone("intel-rapl:0", "package-0", 0);
    Files.writeString(tree.energy("intel-rapl:0"), "<not counted>\n");

    PowercapMeter.Found found = discover();

    assertThat(found.meter()).isNull();
    assertThat(found.statuses()).extracting(SensorStatus::readable).containsExactly(false);
  }

  /** Each zone has a range of its own: 100 J and 1 J to the end, and 2 J from 0. */
  @Test
  void everyZoneGoesRoundAtItsOwnRange() throws IOException {
    tree.zone("intel-rapl:0", "package-0", PowercapTree.RANGE - 100_000_000);
    tree.zone("intel-rapl:0:0", "dram", 2_000_000_000 - 1_000_000, 2_000_000_000);
    PowercapMeter meter = meter();
    meter.read();
    now += TENTH;
    tree.set("intel-rapl:0", 2_000_000);
    tree.set("intel-rapl:0:0", 2_000_000);

    assertThat(meter.domains()).extracting(EnergyDomain::name).contains("package-0");
    assertThat(meter.read())
        .extracting(reading -> ((EnergyReading.Measured) reading).microjoules())
        .containsExactlyInAnyOrder(102_000_000L, 3_000_000L);
    // 2 kJ at 5 000 W last 0.4 s
    assertThat(meter.periodNanos()).isEqualTo(TENTH);
  }

  /** Each step of the script, the value of the counter, and what must come of it. */
  @Test
  void livesThroughWhatSensorsDo() throws IOException {
    tree.zone("intel-rapl:0", "package-0", PowercapTree.RANGE - 2_000_000);
    PowercapMeter meter = meter();

    assertThat(look(meter)).isEqualTo(new EnergyReading.Pending());
    tree.set("intel-rapl:0", 3_000_000); // wraps: 2 J + 3 J
    assertThat(look(meter)).isEqualTo(new EnergyReading.Measured(5_000_000, TENTH, 2 * TENTH));
    assertThat(look(meter)).isEqualTo(new EnergyReading.Pending()); // stalls for a moment
    Files.delete(tree.energy("intel-rapl:0")); // disappears
    assertThat(look(meter)).isEqualTo(new EnergyReading.Unavailable(DropReason.UNREADABLE));
    Files.createDirectory(tree.energy("intel-rapl:0")); // there, and unreadable
    assertThat(look(meter)).isEqualTo(new EnergyReading.Unavailable(DropReason.UNREADABLE));
    Files.delete(tree.energy("intel-rapl:0"));
    Files.writeString(tree.energy("intel-rapl:0"), ""); // caught while it is written
    assertThat(look(meter)).isEqualTo(new EnergyReading.Unavailable(DropReason.UNREADABLE));
    tree.set("intel-rapl:0", 43_000_000); // back, 40 J later, in 0.5 s since the last gain
    assertThat(look(meter)).isEqualTo(new EnergyReading.Measured(40_000_000, 2 * TENTH, 7 * TENTH));
    tree.set("intel-rapl:0", 90_000_000_000L); // jumps by 90 kJ in a tenth of a second
    assertThat(look(meter)).isEqualTo(new EnergyReading.Unavailable(DropReason.IMPLAUSIBLE));
    tree.set("intel-rapl:0", 90_007_000_000L); // and goes on from there
    assertThat(look(meter)).isEqualTo(new EnergyReading.Measured(7_000_000, 8 * TENTH, 9 * TENTH));
  }

  private EnergyReading look(PowercapMeter meter) {
    now += TENTH;
    List<EnergyReading> readings = meter.read();
    assertThat(readings).hasSize(1);
    return readings.get(0);
  }
}
