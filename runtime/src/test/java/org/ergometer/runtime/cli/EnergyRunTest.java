package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ergometer.runtime.backend.FakeNvml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The energy of runs from the command line to summary and report, by sensors that are files. */
class EnergyRunTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final long RANGE = 262_143_328_850L;
  private static final double WATTS = 43;

  private final Path directory;
  private final Path data;
  private final Path run;
  private final Path replay;

  EnergyRunTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.data =
        Files.writeString(
            directory.resolve("book.txt"),
            "It was the best of times, it was the worst of times. ".repeat(20));
    this.run = directory.resolve("run");
    // 43 W for ten hours
    this.replay =
        Files.writeString(directory.resolve("log.csv"), "time,wall\n0,0\n36000,1548000\n");
  }

  private CommandLineRun train(String options) {
    return CommandLineRun.of(
        ("train --json --no-metrics --peak 1e12 --layers 1 --width 12 --heads 3 --context 8"
                + " --batch 2 --eval-every 1000 --eval-batches 1 --idle-seconds 0.3 --warmup 1 --data "
                + data
                + " --run "
                + run
                + " "
                + options)
            .split(" "));
  }

  private static BigDecimal sum(JsonNode joules) {
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode part : joules) {
      sum = sum.add(part.decimalValue());
    }
    return sum;
  }

  @Test
  void aKnownPowerIsFoundInSummaryLogReportAndMetrics() throws IOException {
    Path textfile = directory.resolve("run.prom");
    CommandLineRun command =
        train(
            "--energy-replay "
                + replay
                + " --steps 200 --intensity 0.5 --pue 1.2 --energy-price 0.3 --metrics-textfile "
                + textfile);

    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(command.err()).contains("energy from replay wall", "after 50 steps");
    JsonNode summary = MAPPER.readTree(command.out());
    JsonNode energy = summary.path("energy");
    double joules = energy.path("joules").asDouble();
    assertThat(energy.path("method").asText()).isEqualTo("replay");
    assertThat(energy.path("idle_watts").asDouble()).isCloseTo(WATTS, within(1.0));
    assertThat(sum(energy.path("by_phase"))).isEqualByComparingTo(energy.path("joules").asText());
    assertThat(energy.path("by_phase").has("idle")).isFalse();
    assertThat(energy.path("joules_per_token").asDouble())
        .isCloseTo(joules / (200 * 2 * 8), within(1e-12));
    assertThat(energy.path("flops_per_joule_by_phase").path("backward").asDouble()).isPositive();
    assertThat(summary.path("emissions").path("co2e_grams").asDouble())
        .isCloseTo(joules / 3.6e6 * 1.2 * 500, within(0.02));
    assertThat(summary.path("cost").path("usd").asDouble())
        .isCloseTo(joules / 3.6e6 * 1.2 * 0.3, within(1e-4));
    assertThat(summary.path("forecast").path("flops").asDouble())
        .isCloseTo(summary.path("flops").path("total").asDouble(), withinPercentage(10));
    assertThat(summary.path("forecast").path("joules").path("expected").asDouble()).isPositive();
    assertThat(metric(textfile, "ergometer_run_energy_joules ")).isCloseTo(joules, within(1e-6));
    double logged =
        Files.readAllLines(run.resolve("log.jsonl")).stream()
            .mapToDouble(EnergyRunTest::joules)
            .sum();
    assertThat(logged).isPositive().isLessThanOrEqualTo(joules);
    assertThat(CommandLineRun.of("report", run.toString()).out())
        .contains("measured by replay", " W before training", "FLOP a joule");
  }

  private static double metric(Path textfile, String name) throws IOException {
    return Files.readAllLines(textfile).stream()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  private static double joules(String line) {
    try {
      return MAPPER.readTree(line).path("joules").asDouble();
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void aBudgetStopsTheRunAndItsEnergyIsKeptWhenItGoesOn() throws IOException {
    // 20 J
    CommandLineRun stopped =
        train("--steps 1000000 --energy-budget-kwh 5.556e-6 --energy-replay " + replay);

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(3);
    assertThat(stopped.err()).contains("energy-budget-kwh of 5.556E-6 kWh is spent");
    assertThat(run.resolve("checkpoints/last/model.zip")).exists();
    JsonNode before = MAPPER.readTree(stopped.out());
    double spent = before.path("energy").path("joules").asDouble();
    assertThat(before.path("stopped_by").asText()).contains("is spent");
    assertThat(spent).isGreaterThanOrEqualTo(20);
    int done = before.path("steps").asInt();

    CommandLineRun refused = train("--resume");
    assertThat(refused.exitCode()).as("the budget is the run's: " + refused.err()).isEqualTo(3);

    CommandLineRun ended =
        train("--resume-with-changes --energy-budget-kwh 1 --steps " + (done + 60));

    assertThat(ended.exitCode()).as(ended.err()).isZero();
    JsonNode energy = MAPPER.readTree(ended.out()).path("energy");
    assertThat(energy.path("joules").asDouble()).isGreaterThan(spent);
    assertThat(sum(energy.path("by_phase"))).isEqualByComparingTo(energy.path("joules").asText());
    assertThat(energy.path("idle_seconds").asDouble()).isGreaterThanOrEqualTo(0.9);
    assertThat(energy.path("idle_watts").asDouble()).isCloseTo(WATTS, within(1.0));
    assertThat(energy.has("redone_joules")).isFalse();
    assertThat(energy.path("joules_per_step").asDouble())
        .isCloseTo(energy.path("joules").asDouble() / (done + 60), within(1e-9));
  }

  @Test
  void minutesAreThoseOfTheRunAndMayBeRaised() throws IOException {
    CommandLineRun stopped = train("--steps 1000000 --save-every 1M --minutes 0.02");
    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(3);
    int done = MAPPER.readTree(stopped.out()).path("steps").asInt();

    CommandLineRun refused = train("--resume");

    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(3);
    assertThat(refused.err())
        .contains("minutes of 0.02 minutes is spent", "after step " + done, "raise --minutes");
    assertThat(MAPPER.readTree(refused.out()).path("steps").asInt()).isEqualTo(done);

    CommandLineRun raised = train("--resume --minutes 0.08");

    assertThat(raised.exitCode()).as(raised.err()).isEqualTo(3);
    assertThat(MAPPER.readTree(raised.out()).path("steps").asInt()).isGreaterThan(done);
    assertThat(Files.readString(run.resolve("config.yaml"))).contains("minutes: 0.08");
  }

  /** A counter that wraps, stands, cannot be read for a while, is gone, and jumps. */
  @Test
  void aCounterThatMisbehavesLosesSamplesAndAddsNothing() throws Exception {
    Path zone = Files.createDirectories(directory.resolve("powercap/intel-rapl:0"));
    Files.writeString(zone.resolve("name"), "package-0\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), RANGE + "\n");
    Path counter = Files.writeString(zone.resolve("energy_uj"), (RANGE - 3_000_000) + "\n");
    AtomicBoolean ended = new AtomicBoolean();
    Thread script = new Thread(() -> play(counter, run.resolve("log.jsonl"), ended), "sensor");
    script.start();
    CommandLineRun command =
        train("--steps 1000000 --minutes 0.06 --powercap-root " + directory.resolve("powercap"));
    ended.set(true);
    script.join();

    assertThat(command.exitCode()).as(command.err()).isEqualTo(3);
    JsonNode energy = MAPPER.readTree(command.out()).path("energy");
    assertThat(energy.path("method").asText()).isEqualTo("rapl");
    assertThat(sum(energy.path("by_phase"))).isEqualByComparingTo(energy.path("joules").asText());
    // The counter gains 2 J each 20 ms, 100 W: no more is ever there, whatever it showed.
    assertThat(energy.path("joules").asDouble()).isPositive().isLessThan(100 * 60);
    assertThat(energy.path("coverage").asDouble()).isPositive().isLessThanOrEqualTo(1);
    JsonNode dropped = energy.path("domains").path(0).path("samples_dropped");
    assertThat(dropped.path("unreadable").asLong()).isPositive();
    assertThat(dropped.path("implausible").asLong()).isPositive();
  }

  /** Both are in the total, each with its method, and neither in the other's. */
  @Test
  void aGpuAndItsHostStandSideBySide() throws Exception {
    Path zone = Files.createDirectories(directory.resolve("powercap/intel-rapl:0"));
    Files.writeString(zone.resolve("name"), "package-0\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), RANGE + "\n");
    Path counter = Files.writeString(zone.resolve("energy_uj"), "0\n");
    AtomicBoolean ended = new AtomicBoolean();
    Thread script = new Thread(() -> count(counter, ended), "sensor");
    script.start();
    Path nvml = FakeNvml.of(directory, "NVIDIA A100", 8, 0);
    CommandLineRun command =
        train(
            "--steps 1000000 --minutes 0.05 --nvml-library %s --powercap-root %s"
                .formatted(nvml, directory.resolve("powercap")));
    ended.set(true);
    script.join();

    assertThat(command.exitCode()).as(command.err()).isEqualTo(3);
    JsonNode energy = MAPPER.readTree(command.out()).path("energy");
    Map<String, JsonNode> domains = new HashMap<>();
    energy.path("domains").forEach(domain -> domains.put(domain.path("domain").asText(), domain));
    assertThat(domains).containsOnlyKeys("gpu-0", "package-0");
    Map<String, String> methods = Map.of("gpu-0", "nvml_counter", "package-0", "rapl");
    assertThat(domains)
        .allSatisfy(
            (name, domain) -> {
              assertThat(domain.path("method").asText()).isEqualTo(methods.get(name));
              assertThat(domain.path("joules").asDouble()).isPositive();
            });
    BigDecimal both =
        domains.values().stream()
            .map(domain -> domain.path("joules").decimalValue())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(both).isEqualByComparingTo(energy.path("joules").asText());
  }

  private static void count(Path counter, AtomicBoolean ended) {
    try {
      for (long value = 0; !ended.get(); value += 1_000_000) {
        Files.writeString(counter, value + "\n");
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins to misbehave when the run trains: what is not there when it starts is no sensor. */
  private static void play(Path counter, Path log, AtomicBoolean ended) {
    Path next = counter.resolveSibling("energy_uj.next");
    long value = RANGE - 3_000_000;
    int tick = 0;
    try {
      while (!ended.get()) {
        value = (value + 2_000_000) % RANGE;
        tick += Files.exists(log) ? 1 : 0;
        if (tick == 40) {
          Files.delete(counter);
          Files.createDirectory(counter); // there, and no file
        } else if (tick == 65) {
          Files.delete(counter); // gone
        } else if (tick == 110) {
          value += 90_000_000_000L; // set by somebody
        }
        if (tick < 40 || tick > 85) {
          Files.writeString(next, value + "\n");
          Files.move(next, counter, StandardCopyOption.ATOMIC_MOVE);
        }
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("the sensor's script", e);
    }
  }
}
