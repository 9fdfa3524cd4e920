package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.ergometer.runtime.acceleration.Acceleration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

/** Real runs side by side, and a baseline within one. */
class CompareCommandTest {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String TEXT = "It was the best of times, it was the worst of times. ";
  private static final int STEPS = 8;

  /** Stands for a batch of one window. */
  private static final String ONE_WINDOW = "one-window";

  private final Path directory;

  CompareCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void needsOneDnn() {
    assumeThat(Acceleration.status()).isInstanceOf(Acceleration.Status.On.class);
  }

  /** Two ledgers differ by as many bytes as the one of them says that it saved. */
  @ParameterizedTest
  @CsvSource({"mixed-bfloat16", "mixed-float16"})
  void savedBytesAreWhatTheMixedRunSaysOfItself(String precision) throws IOException {
    JsonNode float32 = train("a", "float32", "");
    JsonNode mixed =
        train(
            "b",
            precision,
            "--loss-scale-window 3".repeat(precision.equals("mixed-float16") ? 1 : 0));

    JsonNode comparison = compare("a", "b");

    BigInteger claimed = mixed.path("precision").path("bytes_saved").bigIntegerValue();
    BigInteger scaling = scalingBytes(mixed);
    assertThat(comparison.path("saved").path("bytes").bigIntegerValue())
        .isEqualTo(claimed.subtract(scaling))
        .isEqualTo(moved(float32).subtract(moved(mixed)));
    assertThat(comparison.path("a").path("final_loss")).isEqualTo(float32.path("final_loss"));
    assertThat(comparison.path("b").path("precision").asText()).isEqualTo(precision);
    JsonNode difference = comparison.path("configuration_differences").path(0);
    assertThat(difference.path("setting").asText()).isEqualTo("precision");
    assertThat(difference.path("b").asText()).isEqualTo(precision);
    assertThat(comparison.path("environment_differences")).isEmpty();
  }

  /** The gradient of the logits [16, V] times a scalar, in each step: read, read and written. */
  private static BigInteger scalingBytes(JsonNode mixed) {
    if (mixed.path("precision").path("policy").asText().equals("mixed-bfloat16")) {
      return BigInteger.ZERO;
    }
    long vocabulary = mixed.path("model").path("vocabulary").asLong();
    return BigInteger.valueOf(STEPS * (2 * 4 * 16 * vocabulary + 4));
  }

  @Test
  void timeIsSavedWhereBothTookIt() throws IOException {
    train("a", "float32", "");
    train("b", "mixed-bfloat16", "");
    JsonNode comparison = compare("a", "b");
    assertThat(comparison.path("saved").path("median_step_seconds").asDouble())
        .isCloseTo(
            comparison.path("a").path("median_step_seconds").asDouble()
                - comparison.path("b").path("median_step_seconds").asDouble(),
            within(1e-12));
    assertThat(comparison.path("not_compared").path("joules").asText())
        .isEqualTo("not metered in both runs");

    edit("b", summary -> summary.withObject("/environment").put("cpu", "another"));
    comparison = compare("a", "b");
    assertThat(comparison.path("saved").has("step_seconds")).isFalse();
    assertThat(comparison.path("saved").has("bytes")).isTrue();
    assertThat(comparison.path("not_compared").path("time").asText())
        .isEqualTo("another machine: cpu");
  }

  @Test
  void energyIsSavedWhereSensorsMeteredBoth() throws IOException {
    train("a", "float32", "");
    train("b", "mixed-bfloat16", "");
    edit("a", summary -> putEnergy(summary, 100, "rapl", true));
    edit("b", summary -> putEnergy(summary, 130, "rapl", true));
    assertThat(compare("a", "b").path("saved").path("joules").asDouble()).isEqualTo(-30);

    edit("b", summary -> putEnergy(summary, 130, "power_model", false));
    JsonNode comparison = compare("a", "b");
    assertThat(comparison.path("saved").has("joules")).isFalse();
    assertThat(comparison.path("not_compared").path("joules").asText())
        .isEqualTo("an estimate, not measured in both runs");
  }

  @Test
  void runsThatDidOtherWorkSavedNothing() throws IOException {
    train("a", "float32", "");
    train("b", "mixed-bfloat16", ONE_WINDOW);
    JsonNode comparison = compare("a", "b");
    assertThat(comparison.path("saved")).isEmpty();
    assertThat(comparison.path("not_compared").path("anything").asText())
        .isEqualTo("the runs did other work: tokens 128 and 64");
    CommandLineRun text = CommandLineRun.of("compare", path("a"), path("b"));
    assertThat(text.out()).contains("No saving of anything").contains("batch 2 in A, 1 in B");
  }

  @Test
  void aRunThatIsNoneIsRefused() {
    CommandLineRun run = CommandLineRun.of("compare", path("none"), path("other"));
    assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
    assertThat(run.err()).hasLineCount(1).contains("none");
  }

  /** Steps that are measured beside a run leave it as it is, to the bit and to the FLOP. */
  @ParameterizedTest
  @CsvSource({"mixed-bfloat16, 1", "mixed-bfloat16, 2", "mixed-float16, 1"})
  void aBaselineBesideTheRunChangesNothingOfIt(String precision, int accumulate)
      throws IOException {
    String options = "--strict-accounting --accumulate " + accumulate;
    JsonNode alone = train("a", precision, options);
    JsonNode beside = train("b", precision, options + " --measure-baseline 3");

    assertThat(log("b")).isEqualTo(log("a"));
    for (String key : List.of("steps", "tokens", "flops", "reconciliation", "predicted")) {
      assertThat(beside.path(key)).as(key).isEqualTo(alone.path(key));
    }
    assertThat(position("b")).isEqualTo(position("a"));
    JsonNode measured = beside.path("precision").path("measured_baseline");
    assertThat(measured.path("steps").asInt()).isEqualTo(3);
    assertThat(measured.path("float32_step_seconds").asDouble()).isPositive();
    assertThat(measured.path("step_seconds_saved").asDouble())
        .isCloseTo(
            measured.path("float32_step_seconds").asDouble()
                - measured.path("step_seconds").asDouble(),
            within(1e-12));
    assertThat(measured.has("step_joules_saved")).isFalse();
    assertThat(alone.path("precision").has("measured_baseline")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float32 | 1 | measure-baseline must be >= 0, and 0 with precision float32, got 1 with float32",
        "mixed-bfloat16 | 9 | measure-baseline must be <= steps, got measure-baseline 9 and steps 8"
      })
  void aBaselineThatCannotBeIsRefused(String precision, int steps, String message)
      throws IOException {
    CommandLineRun run = run("a", precision, "--measure-baseline " + steps);
    assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
    assertThat(run.err()).contains(message).hasLineCount(1);
  }

  private JsonNode train(String name, String precision, String options) throws IOException {
    CommandLineRun run = run(name, precision, options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }

  /** Memory that an earlier run of this thread left would not be zeroed again, as in a process. */
  private CommandLineRun run(String name, String precision, String options) throws IOException {
    Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    Path data = Files.writeString(directory.resolve("text.txt"), TEXT.repeat(20));
    String command =
        "train --json --no-metrics --no-energy --peak 1e12 --layers 1 --width 12 --heads 3 --context 8 --batch %s --steps %s --eval-every 4 --eval-batches 2 --data %s --run %s --precision %s %s"
            .formatted(
                options.contains(ONE_WINDOW) ? 1 : 2,
                STEPS,
                data,
                path(name),
                precision,
                options.replace(ONE_WINDOW, ""));
    return CommandLineRun.of(command.strip().split(" "));
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private JsonNode compare(String a, String b) throws IOException {
    CommandLineRun run = CommandLineRun.of("compare", path(a), path(b), "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }

  private static BigInteger moved(JsonNode summary) {
    JsonNode flops = summary.path("flops");
    return flops
        .path("bytes_read")
        .bigIntegerValue()
        .add(flops.path("bytes_written").bigIntegerValue());
  }

  private void edit(String name, Consumer<ObjectNode> change) throws IOException {
    Path file = directory.resolve(name).resolve("summary.json");
    ObjectNode summary = (ObjectNode) MAPPER.readTree(Files.readString(file));
    change.accept(summary);
    summary.remove("checksum");
    Files.writeString(file, summary.toString());
  }

  private static void putEnergy(
      ObjectNode summary, double joules, String method, boolean measured) {
    summary
        .putObject("energy")
        .put("joules", joules)
        .put("method", method)
        .put("measured", measured);
  }

  private JsonNode position(String name) throws IOException {
    Path state = directory.resolve(name).resolve("checkpoints/step-" + STEPS + "/training.json");
    return MAPPER.readTree(Files.readString(state)).path("position");
  }

  private List<ObjectNode> log(String name) throws IOException {
    List<ObjectNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(name).resolve("log.jsonl"))) {
      ObjectNode step = (ObjectNode) MAPPER.readTree(line);
      step.remove(List.of("tokens_per_second", "seconds", "joules"));
      lines.add(step);
    }
    return lines;
  }
}
