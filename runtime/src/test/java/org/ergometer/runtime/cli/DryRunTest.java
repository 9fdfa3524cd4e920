package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DryRunTest {

  private final Path directory;

  DryRunTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void saysWhatTheRunWillTakeAndLeavesNothing() throws IOException {
    Path run = directory.resolve("run");
    JsonNode json =
        new JsonMapper()
            .readTree(
                train(
                        "--dry-run --json --steps 10 --batch 3 --accumulate 2 --optimizer lion --run %s"
                                .formatted(run)
                            + " --peak 1e12 --cpu-watts 100")
                    .out());

    assertThat(json.path("schema").asText()).isEqualTo("ergometer.predict/1");
    // 10 steps of 3 · 2 windows of 64 tokens
    assertThat(json.path("tokens").asLong()).isEqualTo(3840);
    JsonNode memory = json.path("memory");
    assertThat(memory.path("optimizer_bytes").asLong())
        .isEqualTo(memory.path("parameters_bytes").asLong());
    double flops = json.path("flops").path("total").asDouble();
    double seconds = flops / (0.4 * 1e12);
    assertThat(json.path("time").path("seconds").asDouble()).isEqualTo(seconds);
    assertThat(json.path("energy").path("joules").asDouble()).isEqualTo(100 * seconds);
    assertThat(run).doesNotExist();
    // two sums or divisions a step for each parameter
    JsonNode sums = json.path("flops").path("elementwise_components");
    assertThat(sums.toString())
        .contains(
            "{\"component\":\"accumulation\",\"phase\":\"backward\",\"flops\":%s}"
                .formatted(20 * json.path("model").path("parameters").asLong()));
  }

  @Test
  void refusesWhatTrainingRefuses() {
    CommandLineRun refused = train("--dry-run --experts 2");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("experts must be 1 to be trained, got 2");
  }

  private static CommandLineRun train(String options) {
    return CommandLineRun.of(("train " + options).split(" "));
  }

  @Test
  void aFileCannotBeMissing() throws IOException {
    Path missing = directory.resolve("missing.txt");
    CommandLineRun refused = train("--dry-run --data " + missing);
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(Files.exists(missing)).isFalse();
  }
}
