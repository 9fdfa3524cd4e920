package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed at any moment leaves a run that another ends as if it were its own. */
class KillTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int KILLS = Integer.getInteger("ergometer.test.kills", 3);
  private static final long SEED = Long.getLong("ergometer.test.kill-seed", 8);
  private static final int STEPS = Integer.getInteger("ergometer.test.kill-steps", 300);
  private static final int WATTS = 100;
  private static final String RUN =
      "train --no-metrics --peak 1e12 --layers 1 --width 16 --heads 2 --context 16 --batch 2"
          + " --eval-every 40 --eval-batches 2 --save-every 23 --idle-seconds 0 --steps "
          + STEPS;
  private static final long MINUTES_TO_WAIT = 3;

  private final Path directory;

  KillTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void resumedRunsEqualTheOneThatWasNeverKilled() throws Exception {
    Path whole = directory.resolve("whole");
    String replay = " --energy-replay " + constantPower();
    assertThat(start(RUN + replay + " --run " + whole).waitFor()).isZero();
    Path run = directory.resolve("run");
    Random random = new Random(SEED);

    String command = RUN + replay + " --run " + run;
    long begin = System.nanoTime();
    int kills = 0;
    while (kills < KILLS && !summary(run).path("status").asText().equals("completed")) {
      Process process = start(command);
      kills += killAfter(process, run, random) ? 1 : 0;
      command = Files.exists(run.resolve("config.yaml")) ? "train --resume --run " + run : command;
    }
    if (Integer.getInteger("ergometer.test.kills") != null) {
      assertThat(kills)
          .as("kills before the end; raise ergometer.test.kill-steps")
          .isEqualTo(KILLS);
    }
    Process last = start(command);
    assertThat(last.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES)).isTrue();
    double seconds = (System.nanoTime() - begin) / 1e9;
    assertThat(last.exitValue()).as(Files.readString(directory.resolve("err.txt"))).isZero();

    assertThat(log(run)).hasSize(STEPS).isEqualTo(log(whole));
    JsonNode summary = summary(run);
    JsonNode expected = summary(whole);
    for (String key : List.of("steps", "tokens", "final_loss", "validation_loss", "predicted")) {
      assertThat(summary.path(key)).as(key).isEqualTo(expected.path(key));
    }
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(summary.path("reconciliation").path("exact").asBoolean()).isTrue();
    assertThat(cause(summary, "evaluation")).isEqualTo(cause(expected, "evaluation"));
    assertThat(summary.path("flops").path("matmul").bigIntegerValue())
        .isGreaterThanOrEqualTo(
            expected.path("flops").path("matmul").bigIntegerValue().add(cause(summary, "redone")));
    // 100 W all the time; no process counted a second twice, and the steps that count are within
    double joules = summary.path("energy").path("joules").asDouble();
    assertThat(joules / WATTS).isGreaterThan(stepSeconds(summary)).isLessThan(seconds);
    assertThat(summary.path("energy").path("coverage").asDouble()).isBetween(0.9, 1.0);
    assertThat(summary.path("energy").path("redone_joules").asDouble()).isLessThan(joules);
  }

  /** A logger's file of an hour at the same power. */
  private Path constantPower() throws IOException {
    return Files.writeString(
        directory.resolve("replay.csv"), "time,wall\n0,0\n36000,%d\n".formatted(36000L * WATTS));
  }

  private static double stepSeconds(JsonNode summary) {
    return summary.path("tokens").asDouble()
        / summary.path("throughput").path("tokens_per_second").asDouble();
  }

  /** Kills within the time that a run takes, from before its first file until after its last. */
  private static boolean killAfter(Process process, Path run, Random random) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES_TO_WAIT);
    boolean begun = random.nextInt(4) > 0;
    long before = size(run);
    while (begun && process.isAlive() && size(run) == before) {
      assertThat(System.nanoTime()).as("a step is done").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
    TimeUnit.MILLISECONDS.sleep(random.nextInt(begun ? 1500 : 3000));
    boolean killed = process.isAlive();
    process.destroyForcibly();
    assertThat(process.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES)).isTrue();
    return killed;
  }

  private static long size(Path run) throws IOException {
    Path journal = run.resolve("ledger.journal");
    return Files.exists(journal) ? Files.size(journal) : 0;
  }

  private Process start(String command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    words.add(Main.class.getName());
    words.addAll(List.of(command.split(" ")));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(directory.resolve("err.txt").toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  private static List<JsonNode> log(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      ObjectNode step = (ObjectNode) MAPPER.readTree(line);
      step.remove(List.of("tokens_per_second", "seconds", "joules"));
      lines.add(step);
    }
    return lines;
  }

  private static JsonNode summary(Path run) throws IOException {
    Path file = run.resolve("summary.json");
    return Files.exists(file) ? MAPPER.readTree(Files.readString(file)) : MAPPER.createObjectNode();
  }

  private static BigInteger cause(JsonNode summary, String name) {
    BigInteger sum = BigInteger.ZERO;
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      if (cause.path("cause").asText().equals(name)) {
        sum = sum.add(cause.path("flops").bigIntegerValue());
      }
    }
    return sum;
  }
}
