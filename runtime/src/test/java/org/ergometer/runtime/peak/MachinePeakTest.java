package org.ergometer.runtime.peak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachinePeakTest {

  private static final Map<String, String> MACHINE = Map.of("cpu", "Some CPU", "cores", "2");

  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

  private final Path file;
  private final List<MatrixType> measured = new ArrayList<>();
  private int bandwidths;
  private double rate = 5e10;
  private LocalDate day = DAY;

  MachinePeakTest(@TempDir Path directory) {
    this.file = directory.resolve("cache").resolve("peaks.json");
  }

  @Test
  void isMeasuredOnceForATypeAndKept() {
    Peak first = peak(MACHINE).of(MatrixType.FLOAT32);
    rate = 6e10;

    assertThat(first.flopsPerSecond()).isEqualTo(5e10);
    assertThat(first.origin()).isEqualTo(Peak.Origin.MEASURED);
    assertThat(peak(MACHINE).of(MatrixType.FLOAT32)).isEqualTo(first);
    assertThat(peak(MACHINE).of(MatrixType.FLOAT64).flopsPerSecond()).isEqualTo(6e10);
    assertThat(peak(MACHINE).of(MatrixType.FLOAT32)).isEqualTo(first);
    assertThat(measured).containsExactly(MatrixType.FLOAT32, MatrixType.FLOAT64);
  }

  @Test
  void otherHardwareIsMeasuredAgain() {
    peak(MACHINE).of(MatrixType.FLOAT32);
    peak(Map.of("cpu", "Some CPU", "cores", "4")).of(MatrixType.FLOAT32);
    peak(Map.of("cpu", "Some CPU", "cores", "4", "jdk", "25")).of(MatrixType.FLOAT32);
    peak(MACHINE).of(MatrixType.FLOAT32);

    assertThat(measured).hasSize(2);
  }

  /** A machine that is busy now is not a slower machine. */
  @Test
  void theBestOfAllMeasurementsIsKeptWithItsDay() {
    peak(MACHINE).of(MatrixType.FLOAT32);
    rate = 7e10;
    day = DAY.plusDays(1);
    assertThat(peak(MACHINE).measure(MatrixType.FLOAT32)).isEqualTo(7e10);
    rate = 6e10;
    day = DAY.plusDays(2);
    assertThat(peak(MACHINE).measure(MatrixType.FLOAT32)).isEqualTo(6e10);

    DatedPeak best = peak(MACHINE).best(MatrixType.FLOAT32, 6.5e10);
    assertThat(best.peak().flopsPerSecond()).isEqualTo(7e10);
    assertThat(best.measured()).isEqualTo(DAY.plusDays(1));
    assertThat(best.peak().description()).endsWith("float32, measured on 2026-11-24");
    assertThat(peak(MACHINE).dated(MatrixType.FLOAT32)).isEqualTo(best);
    assertThat(peak(MACHINE).best(MatrixType.FLOAT32, 8e10).measured()).isEqualTo(day);
    assertThat(measured).hasSize(3);
  }

  /** As earlier versions wrote it. */
  @Test
  void aPeakWithoutADayIsOne() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{\"schema\":\"ergometer.peaks/1\",\"peaks\":[{\"hardware\":\"cores 2, cpu Some CPU\","
            + "\"dtype\":\"float32\",\"flops_per_second\":9e10}]}");

    assertThat(peak(MACHINE).dated(MatrixType.FLOAT32).measured()).isNull();
    assertThat(peak(MACHINE).of(MatrixType.FLOAT32).flopsPerSecond()).isEqualTo(9e10);
    assertThat(measured).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"schema\":\"other/1\",\"peaks\":[]}",
        "{\"schema\":\"ergometer.peaks/1\",\"peaks\":7}",
        "{\"schema\":\"ergometer.peaks/1\",\"peaks\":[{\"hardware\":\"cores 2, cpu Some CPU\","
            + "\"dtype\":\"float32\",\"flops_per_second\":-1}]}",
      })
  void corruptFileIsMeasuredOver(String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);

    assertThat(peak(MACHINE).of(MatrixType.FLOAT32).flopsPerSecond()).isEqualTo(5e10);
    assertThat(peak(MACHINE).of(MatrixType.FLOAT32).flopsPerSecond()).isEqualTo(5e10);
    assertThat(measured).hasSize(1);
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  /** A file where the directory should be: writing fails for every user, root too. */
  @Test
  void worksWithoutACache() throws IOException {
    Files.writeString(file.getParent(), "in the way");

    assertThat(peak(MACHINE).of(MatrixType.FLOAT32).flopsPerSecond()).isEqualTo(5e10);
    assertThat(peak(MACHINE).of(MatrixType.FLOAT32).flopsPerSecond()).isEqualTo(5e10);
    assertThat(measured).hasSize(2);
  }

  private MachinePeak peak(Map<String, String> machine) {
    return new MachinePeak(
        new PeakCache(file),
        machine,
        type -> {
          measured.add(type);
          return rate;
        },
        () -> {
          bandwidths++;
          return 2e10;
        },
        () -> day);
  }

  /** Beside the peaks, which stay. */
  @Test
  void bandwidthIsMeasuredOnceOnAMachine() {
    Map<String, String> machine = Map.of("cpu", "a", "cores", "2");
    peak(machine).of(MatrixType.FLOAT32);

    assertThat(peak(machine).bytesPerSecond()).isEqualTo(2e10);
    assertThat(peak(machine).bytesPerSecond()).isEqualTo(2e10);
    peak(machine).of(MatrixType.FLOAT32);

    assertThat(peak(machine).keepBandwidth(1e10)).isEqualTo(2e10);
    assertThat(peak(machine).bytesPerSecond()).isEqualTo(2e10);
    assertThat(bandwidths).isEqualTo(1);
    assertThat(measured).hasSize(1);
    assertThat(peak(Map.of("cpu", "b")).bytesPerSecond()).isEqualTo(2e10);
    assertThat(bandwidths).isEqualTo(2);
  }

  /** A clock that only products move: 2·n³ FLOPs at 1e10 FLOP/s, every third one twice as fast. */
  @Test
  void bestProductCountsAndSizesGrow() {
    long[] now = {0};
    List<Integer> sizes = new ArrayList<>();
    int[] runs = {0};
    PeakBenchmark benchmark =
        new PeakBenchmark(
            size -> {
              sizes.add(size);
              return new PeakBenchmark.Product() {
                @Override
                public void run() {
                  long nanos = 2L * size * size * size / 10;
                  now[0] += ++runs[0] % 3 == 0 ? nanos / 2 : nanos;
                }

                @Override
                public void close() {}
              };
            },
            () -> now[0]);

    assertThat(benchmark.run() / 2e10).isCloseTo(1, within(1e-6));
    // 2·128³ FLOPs take 0.4 ms, 2·256³ 3.4 ms, 2·512³ 27 ms, which is long enough
    assertThat(sizes).containsExactly(128, 256, 512);
    assertThat(now[0]).isLessThan(500_000_000L);
  }

  @Test
  void realProductsAreMeasured() {
    assertThat(PeakBenchmark.measure(MatrixType.FLOAT32)).isBetween(1e7, 1e15);
    assertThatThrownBy(() -> PeakBenchmark.measure(MatrixType.TF32))
        .hasMessage("ND4J multiplies no matrices in tf32; measure another type");
  }
}
