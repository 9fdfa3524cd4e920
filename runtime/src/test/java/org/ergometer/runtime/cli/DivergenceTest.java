package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run does with an update that should not be made. */
class DivergenceTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path run;
  private final Path data;

  DivergenceTest(@TempDir Path directory) throws IOException {
    this.run = directory.resolve("run");
    this.data =
        Files.writeString(
            directory.resolve("book.txt"),
            "It was the best of times, it was the worst of times. ".repeat(20));
  }

  /** Nothing is learned at this rate, so that every second loss is above the mean. */
  @Test
  void aSpikeStopsTheRunAndWhatItHadIsSaved() throws IOException {
    CommandLineRun stopped =
        train("--steps 100 --learning-rate 1e-9 --spike-deviations 1e-6 --save-every 1k");

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(1);
    assertThat(stopped.err())
        .contains("a spike, whose update was not made", "set --divergence skip");
    JsonNode failed = MAPPER.readTree(stopped.out());
    assertThat(failed.path("status").asText()).isEqualTo("failed");
    int steps = failed.path("steps").asInt();
    assertThat(steps).isBetween(65, 99);
    assertThat(run.resolve("checkpoints/step-" + steps)).isDirectory();

    CommandLineRun ended = train("--resume-with-changes --spike-deviations 1e6 --divergence skip");

    assertThat(ended.err()).contains("going on after step " + steps);
    JsonNode summary = MAPPER.readTree(ended.out());
    assertThat(summary.path("steps").asInt()).isEqualTo(100);
    // the step whose update was not made: 2 windows of 8 tokens
    assertThat(summary.path("tokens").asInt()).isEqualTo(99 * 2 * 8);
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(summary.path("reconciliation").path("causes"))
        .extracting(cause -> cause.path("cause").asText())
        .contains("skipped");
  }

  @Test
  void aLossThatIsNoNumberIsNeverSaved() throws IOException {
    CommandLineRun stopped = train("--steps 20 --learning-rate 1e38 --warmup 0 --save-every 1k");

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(1);
    assertThat(stopped.err()).contains("training has diverged");
    JsonNode failed = MAPPER.readTree(stopped.out());
    assertThat(run.resolve("checkpoints/step-" + failed.path("steps").asInt())).doesNotExist();
  }

  private CommandLineRun train(String options) {
    return CommandLineRun.of(
        ("train --json --no-metrics --no-energy --peak 1e12 --layers 1 --width 12 --heads 3"
                + " --context 8 --batch 2 --eval-every 1000 --eval-batches 1 --data %s --run %s %s")
            .formatted(data, run, options)
            .split(" "));
  }
}
