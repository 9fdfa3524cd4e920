package org.ergometer.accounting.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayMeterTest {

  private static final long SECOND = 1_000_000_000L;

  private final Path directory;
  private long now;

  ReplayMeterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("log.csv"), text);
  }

  /** 100 W for two seconds, 50 W for two: 300 J, whatever the instants are at which one looks. */
  @Test
  void theIntegralIsThatOfTheFile() throws IOException {
    ReplayMeter meter = new ReplayMeter(file("time,wall\n0,0\n2,200\n4,300\n"), () -> now, 0);
    long sum = 0;
    for (now = 0; now <= 5 * SECOND; now += 70_000_001L) {
      if (meter.read().get(0) instanceof EnergyReading.Measured measured) {
        sum += measured.microjoules();
      }
    }

    assertThat(sum).isEqualTo(300_000_000);
    assertThat(meter.read()).containsExactly(new EnergyReading.Unavailable(DropReason.NO_DATA));
  }

  @Test
  void timesThatAreNoTimeOfDayBeginWithTheMeter() throws IOException {
    now = 1000 * SECOND;
    ReplayMeter meter = new ReplayMeter(file("time,a,b\n50,7,0\n60,107,20\n"), () -> now, 123);
    meter.read();
    now += 5 * SECOND;

    assertThat(meter.read())
        .isEqualTo(
            List.of(
                new EnergyReading.Measured(50_000_000, 1000 * SECOND, 1005 * SECOND),
                new EnergyReading.Measured(10_000_000, 1000 * SECOND, 1005 * SECOND)));
  }

  @Test
  void followsALoggerThatStillWrites() throws IOException {
    Path log = file("time,wall\n2000000000,0\n2000000001,60\n");
    ReplayMeter meter = new ReplayMeter(log, () -> now, 2_000_000_000);
    meter.read();
    now = 3 * SECOND;

    // what the file holds, up to its last row
    assertThat(meter.read()).containsExactly(new EnergyReading.Measured(60_000_000, 0, SECOND));
    assertThat(meter.read()).containsExactly(new EnergyReading.Unavailable(DropReason.NO_DATA));
    Files.writeString(log, "2000000003,160\n20000", StandardOpenOption.APPEND);
    assertThat(meter.read())
        .containsExactly(new EnergyReading.Measured(100_000_000, SECOND, 3 * SECOND));
  }

  @Test
  void columnsThatOverlapAreNotAdded() throws IOException {
    ReplayMeter meter =
        new ReplayMeter(
            file("time,package-0,core-0,psys,dram-0\n0,0,0,0,0\n1,9,5,30,2\n"), () -> now, 0);

    assertThat(meter.domains())
        .extracting(EnergyDomain::name)
        .containsExactly("package-0", "dram-0");
  }

  @Test
  void whatIsNoTableIsToldInOneLine() throws IOException {
    for (String text :
        List.of(
            "",
            "seconds,wall\n0,0\n",
            "time,wall\n",
            "time,wall\n0,5\n1,4\n",
            "time,w\nx,1\n0,2\n")) {
      Path log = file(text);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ReplayMeter(log, () -> now, 0))
          .withMessageContaining("set --energy-replay")
          .withMessageNotContaining("\n");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReplayMeter(directory.resolve("no.csv"), () -> now, 0))
        .withMessageContaining("no.csv");
  }
}
