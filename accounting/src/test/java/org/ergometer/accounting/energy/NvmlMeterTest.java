package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The NVML meter over a library of the same functions, compiled from {@code fake-nvml.c}; skipped
 * where there is no C compiler.
 */
class NvmlMeterTest {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Path directory;

  NvmlMeterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path library(String... definitions) throws IOException, InterruptedException {
    Path source = directory.resolve("fake-nvml.c");
    try (InputStream in = NvmlMeterTest.class.getResourceAsStream("fake-nvml.c")) {
      Files.write(source, Objects.requireNonNull(in).readAllBytes());
    }
    Path library = directory.resolve("libnvidia-ml.so.1");
    List<String> command =
        new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-O1", "-o", library.toString()));
    command.addAll(List.of(definitions));
    command.addAll(List.of(source.toString(), "-lm"));
    Process compiler;
    try {
      compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "no C compiler: " + e.getMessage());
      throw e;
    }
    String messages = new String(compiler.getInputStream().readAllBytes(), UTF_8);
    assertThat(compiler.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(compiler.exitValue()).as(messages).isZero();
    return library;
  }

  private static Nvml open(Path library) {
    Nvml.Opened opened = Nvml.open(library);
    assertThat(opened).isInstanceOf(Nvml.Opened.Ready.class);
    return ((Nvml.Opened.Ready) opened).nvml();
  }

  @Test
  void listsGpus() throws IOException, InterruptedException {
    try (Nvml nvml = open(library("-DGPUS=2"))) {
      assertThat(nvml.driver()).isEqualTo("550.54.15");
      assertThat(nvml.cudaMajor()).isEqualTo(12);
      assertThat(nvml.gpus())
          .containsExactly(
              new NvidiaGpu(
                  0,
                  "NVIDIA Fake 0",
                  "GPU-8932f930-d72c-4106-c12f-20bd9faed9f6",
                  "550.54.15",
                  8,
                  6,
                  24L << 30,
                  4L << 30,
                  55,
                  false,
                  EnergyMethod.NVML_COUNTER,
                  null),
              new NvidiaGpu(
                  1,
                  "NVIDIA Fake 1",
                  "GPU-8932f931-d72c-4106-c12f-20bd9faed9f6",
                  "550.54.15",
                  8,
                  6,
                  24L << 30,
                  4L << 30,
                  55,
                  true,
                  EnergyMethod.NVML_COUNTER,
                  null));
      assertThat(new NvmlMeter(nvml, gpu -> true, System::nanoTime).domains())
          .extracting(EnergyDomain::covers)
          .satisfiesExactly(
              covers -> assertThat(covers).doesNotContain("MIG"),
              covers -> assertThat(covers).contains("MIG"));
    }
  }

  @Test
  void metersTheGpuThatWorksAndTellsOfTheOthers() throws IOException, InterruptedException {
    Path library = library("-DGPUS=3");
    EnergySensors sensors =
        EnergySensors.discover(
            new EnergySensors.Wanted(directory.resolve("none"), library, true, 1, 65.0, null),
            System::nanoTime);

    assertThat(sensors.meters())
        .flatExtracting(EnergyMeter::domains)
        .extracting(EnergyDomain::name)
        .contains("gpu-1")
        .doesNotContain("gpu-0", "gpu-2");
    assertThat(sensors.statuses())
        .filteredOn(status -> !status.counted())
        .extracting(SensorStatus::sensor)
        .contains("nvml_counter gpu-0", "nvml_counter gpu-2");
    sensors.meters().forEach(EnergyMeter::close);
  }

  @Test
  void theCounterIsTakenAsItIs() throws IOException, InterruptedException {
    holdsTheIntegral(EnergyMethod.NVML_COUNTER, library());
  }

  @Test
  void powerIsIntegratedWhereThereIsNoCounter() throws IOException, InterruptedException {
    holdsTheIntegral(EnergyMethod.NVML_POWER, library("-DWITHOUT_COUNTER", "-DWITHOUT_MIG"));
  }

  /** Looks for a second and a half at a power that goes up and down, as a sampler does. */
  private static void holdsTheIntegral(EnergyMethod method, Path library) {
    try (NvmlMeter meter = new NvmlMeter(open(library), gpu -> true, System::nanoTime)) {
      assertThat(meter.domains()).extracting(EnergyDomain::method).containsExactly(method);
      assertThat(meter.periodNanos())
          .isEqualTo(
              method == EnergyMethod.NVML_POWER
                  ? EnergySampler.POWER_PERIOD_NANOS
                  : EnergySampler.COUNTER_PERIOD_NANOS);
      long start = System.nanoTime(); // at most microseconds after the library's own
      List<EnergyReading.Measured> gains = new ArrayList<>();
      for (int look = 0; look <= 18; look++) {
        if (meter.read().get(0) instanceof EnergyReading.Measured measured) {
          gains.add(measured);
        }
        LockSupport.parkNanos(EnergySampler.POWER_PERIOD_NANOS);
      }
      long from = gains.get(0).fromNanos() - start;
      long to = gains.get(gains.size() - 1).toNanos() - start;
      long sum = gains.stream().mapToLong(EnergyReading.Measured::microjoules).sum();
      double expected = joules(to / NANOS_PER_SECOND) - joules(from / NANOS_PER_SECOND);

      assertThat(sum / 1e6).isCloseTo(expected, within(0.01 * expected));
    }
  }

  /** Integral of 200 W + 100 W sin(2πt). */
  private static double joules(double seconds) {
    return 200 * seconds + 100 / (2 * Math.PI) * (1 - Math.cos(2 * Math.PI * seconds));
  }

  /** That of an H200 takes four milliseconds of a core; this one two. */
  @Test
  void aCounterThatCostsMoreIsLookedAtLessOften() throws IOException, InterruptedException {
    try (NvmlMeter slow = new NvmlMeter(open(library("-DSLOW")), gpu -> true, System::nanoTime)) {
      assertThat(slow.periodNanos()).isBetween(5_000_000_000L, 10_000_000_000L);
    }
  }

  @Test
  void aUserWhoMayNotIsTold() throws IOException, InterruptedException {
    try (Nvml nvml = open(library("-DFORBIDDEN", "-DGPUS=2"))) {
      assertThat(nvml.gpus())
          .extracting(NvidiaGpu::obstacle)
          .containsExactly(
              "the driver forbids this user to read energy and power",
              "the driver forbids this user to read energy and power"
                  + " (it is divided by MIG; the whole GPU alone is metered)");
    }
  }

  @Test
  void aDriverThatDoesNotAnswerIsTold() throws IOException, InterruptedException {
    assertThat(Nvml.open(library("-DBROKEN")))
        .isEqualTo(new Nvml.Opened.Absent("NVML does not start: Driver Not Loaded"));
    assertThat(Nvml.open(directory.resolve("missing.so")))
        .isEqualTo(new Nvml.Opened.Absent(directory.resolve("missing.so") + " does not exist"));
    Path text = Files.writeString(directory.resolve("text.so"), "no library");
    assertThat(Nvml.open(text))
        .isInstanceOfSatisfying(
            Nvml.Opened.Absent.class,
            absent -> assertThat(absent.reason()).contains("cannot be loaded").hasLineCount(1));
  }
}
