package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /** Whatever is wrong is said before text is read, by both alike, and leaves nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--metrics-host 192.0.2.1 | metrics-host must be an address of this machine",
        "--metrics-auth MISSING | metrics-auth names",
        "--metrics-keystore MISSING --metrics-keystore-password MISSING | metrics-keystore-password names",
        "--usd-budget 1 | usd-budget needs to know what is spent",
        "--co2e-budget-kg 1 --no-energy | co2e-budget-kg needs to know what is spent",
        "--energy-replay EMPTY | energy-replay",
        "--run FULL | is not empty",
        "--run EMPTY/run | not a directory",
      })
  void refusesBeforeTextIsReadWhatTrainingRefuses(String options, String said) throws IOException {
    Path empty = Files.createFile(directory.resolve("empty.csv"));
    Path full = Files.createDirectory(directory.resolve("full"));
    Files.createFile(full.resolve("precious"));
    String command =
        (options.contains("--run") ? "" : "--run %s/new ".formatted(directory))
            + "--data MISSING "
            + options;
    command =
        command
            .replace("MISSING", directory.resolve("missing").toString())
            .replace("EMPTY", empty.toString())
            .replace("FULL", full.toString());

    for (String kind : List.of("--dry-run ", "")) {
      CommandLineRun refused = train(kind + command);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
      assertThat(refused.err()).hasLineCount(1).contains(said);
    }
    assertThat(directory).isDirectoryNotContaining("glob:**new");
  }

  @Test
  void aModelThatDoesNotFitIsRefusedAndLeavesNothing() {
    Path run = directory.resolve("run");
    String size = "--layers 96 --width 12288 --heads 96 --steps 1 --no-metrics --run " + run;
    for (String kind : List.of("--dry-run ", "")) {
      CommandLineRun refused = train(kind + size);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
      assertThat(refused.err()).contains("the training needs", "B for its arrays, and there are");
    }
    assertThat(run).doesNotExist();
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
