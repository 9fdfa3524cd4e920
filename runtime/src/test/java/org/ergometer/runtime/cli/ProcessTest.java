package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: how ND4J starts, and how the process ends. */
class ProcessTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String SMALL =
      "--layers 1 --width 16 --heads 2 --context 16 --batch 2 --eval-batches 1";
  private static final long MINUTES_TO_WAIT = 3;

  private final Path directory;

  ProcessTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void lossesAreTheSameWithoutAccounting() throws Exception {
    Path counted = directory.resolve("counted");
    Path plain = directory.resolve("plain");

    assertThat(end(start("train --steps 12 --no-metrics " + SMALL + " --run " + counted))).isZero();
    assertThat(
            end(
                start(
                    "train --steps 12 --no-metrics --no-accounting " + SMALL + " --run " + plain)))
        .isZero();

    assertThat(losses(plain)).hasSize(12).isEqualTo(losses(counted));
    assertThat(summary(counted).has("flops")).isTrue();
    assertThat(summary(plain).has("flops")).isFalse();
  }

  @Test
  @DisabledOnOs(
      value = OS.WINDOWS,
      disabledReason = "there is no kill command to send a signal with")
  void interruptSavesWhatWasDone() throws Exception {
    Path run = directory.resolve("run");
    Process process = start("train --steps 1M --metrics-port 0 " + SMALL + " --run " + run);
    waitForSteps(run, process);
    assertThat(metrics(process)).contains("ergometer_flops_total{", "ergometer_steps_total{");

    terminate(process);

    assertThat(end(process)).isEqualTo(130);
    assertThat(Files.readString(errors(process)))
        .contains("interrupted; the model and its summary");
    assertThat(summary(run).path("status").asText()).isEqualTo("interrupted");
    assertThat(summary(run).path("steps").asInt()).isEqualTo(losses(run).size());
    assertThat(summary(run).path("reconciliation").path("residual").asLong()).isZero();
    assertThat(run.resolve("checkpoints/last/model.zip")).exists();
  }

  /** In the first step, which takes hours. */
  @Test
  @DisabledOnOs(
      value = OS.WINDOWS,
      disabledReason = "there is no kill command to send a signal with")
  void aSecondInterruptEndsAtOnce() throws Exception {
    Path run = directory.resolve("run");
    Process process = start("train --no-metrics --accumulate 10M " + SMALL + " --run " + run);
    try {
      waitForErrors(process, "ergometer: energy ");
      terminate(process);
      waitForErrors(process, "once more stops at once");
      assertThat(process.isAlive()).isTrue();
      terminate(process);
      assertThat(end(process)).isEqualTo(130);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(errors(process))).doesNotContain("interrupted; the model");
  }

  /** Not INT, which goes the same way: what a script starts in the background ignores that. */
  private static void terminate(Process process) throws Exception {
    new ProcessBuilder("kill", "-s", "TERM", Long.toString(process.pid())).start().waitFor();
  }

  private void waitForErrors(Process process, String said) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES_TO_WAIT);
    Path errors = directory.resolve("err.txt");
    while (!Files.readString(errors).contains(said)) {
      assertThat(process.isAlive() && System.nanoTime() < deadline).as(said).isTrue();
      TimeUnit.MILLISECONDS.sleep(50);
    }
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
    // One thread: two processes with threads that wait for each other are slow on a busy machine.
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  private Path errors(Process process) {
    assertThat(process.isAlive()).isFalse();
    return directory.resolve("err.txt");
  }

  private static int end(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES))
          .as("the process ends")
          .isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void waitForSteps(Path run, Process process) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES_TO_WAIT);
    Path log = run.resolve("log.jsonl");
    while (!Files.exists(log) || Files.size(log) == 0) {
      assertThat(process.isAlive() && System.nanoTime() < deadline).as("a step is done").isTrue();
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private String metrics(Process process) throws Exception {
    assertThat(process.isAlive()).isTrue();
    Matcher url =
        Pattern.compile("metrics at (\\S+)")
            .matcher(Files.readString(directory.resolve("err.txt")));
    assertThat(url.find()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url.group(1))).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static List<String> losses(Path run) throws IOException {
    List<String> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      losses.add(MAPPER.readTree(line).path("loss").asText());
    }
    return losses;
  }

  private static JsonNode summary(Path run) throws IOException {
    return MAPPER.readTree(Files.readString(run.resolve("summary.json")));
  }
}
