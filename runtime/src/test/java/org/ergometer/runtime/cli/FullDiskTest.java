package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * No room for a checkpoint. A limit of the shell on the size of files stands in for a full disk: it
 * fails the same writes with another reason, and needs no rights.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its shells know no such limit")
class FullDiskTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String RUN =
      "train --no-metrics --peak 1e12 --layers 1 --width 16 --heads 2 --context 16 --batch 2"
          + " --schedule constant --warmup 0 --eval-every 1k --eval-batches 1 --save-every 20";

  /** Less than a model of this size takes, more than a log of as many steps. */
  private static final int LIMIT_KIBIBYTES = 40;

  private static final long MINUTES_TO_WAIT = 3;

  private final Path directory;

  FullDiskTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void trainingGoesOnAndTheLastCheckpointStands() throws Exception {
    Path run = directory.resolve("run");
    Path whole = directory.resolve("whole");
    assertThat(end(RUN + " --steps 40 --run " + run, "")).isZero();
    String limit = "ulimit -f " + LIMIT_KIBIBYTES + "; ";

    int full = end("train --resume-with-changes --steps 90 --run " + run, limit);

    String err = Files.readString(directory.resolve("err.txt"));
    assertThat(full).as(err).isEqualTo(ExitCode.FAILED.status());
    assertThat(err)
        .containsPattern("step [67]\\d: the checkpoint cannot be written")
        .contains("training goes on, what was saved before stands", "step 90/90")
        .contains("at the end: the checkpoint cannot be written")
        .contains("the end of run run is not on the disk; make room, then go on with --resume")
        .doesNotContain("Exception");
    try (var checkpoints = Files.list(run.resolve("checkpoints"))) {
      assertThat(checkpoints.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("step-20", "step-40", "last", "best");
    }

    // the checkpoint is from before the change
    assertThat(end("train --resume-with-changes --run " + run, "")).isZero();
    assertThat(end(RUN + " --steps 90 --run " + whole, "")).isZero();
    assertThat(losses(run)).hasSize(90).isEqualTo(losses(whole));
  }

  private int end(String command, String before) throws Exception {
    List<String> words = new ArrayList<>(List.of("bash", "-c", before + "exec \"$@\"", "bash"));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    words.add(Main.class.getName());
    words.addAll(List.of(command.split(" ")));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(directory.resolve("err.txt").toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> losses(Path run) throws IOException {
    List<String> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      losses.add(MAPPER.readTree(line).path("loss").asText());
    }
    return losses;
  }
}
