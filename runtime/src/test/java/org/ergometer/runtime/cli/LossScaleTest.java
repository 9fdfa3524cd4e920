package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.ElementwiseWork;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.UpdateWork;
import org.ergometer.runtime.acceleration.Acceleration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs in float16 whose gradients overflow at first: what that costs, and that nothing is lost. */
class LossScaleTest {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String TEXT =
      "It is a far, far better thing that I do, than I have ever done; ";
  private static final int STEPS = 60;
  private static final int BATCH = 4;

  private final Path directory;

  LossScaleTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void needsOneDnn() {
    assumeThat(Acceleration.status()).isInstanceOf(Acceleration.Status.On.class);
  }

  @Test
  void recoversFromOverflowAndAccountsForAllOfIt() throws IOException {
    JsonNode summary = train("scaled", "--precision mixed-float16 --loss-scale 2^40");
    List<ObjectNode> log = log("scaled");
    List<ObjectNode> skipped = log.stream().filter(step -> step.has("skipped")).toList();
    int count = skipped.size();

    // float16 ends at 65,504 and the largest gradient of a logit is near 1 / (B·T)
    assertThat(count).isBetween(15, 30);
    assertThat(log.subList(0, 15)).isEqualTo(skipped.subList(0, 15));
    double scale = Math.scalb(1.0, 40);
    for (ObjectNode step : log) {
      assertThat(step.path("loss_scale").asDouble()).isEqualTo(scale);
      assertThat(step.has("gradient_norm")).isNotEqualTo(step.has("skipped"));
      scale = step.has("skipped") ? scale / 2 : scale;
    }
    assertThat(log.get(STEPS - 1).path("loss").asDouble())
        .isLessThan(log.get(0).path("loss").asDouble() - 0.25);

    assertThat(summary.path("skipped_steps").asInt()).isEqualTo(count);
    assertThat(summary.path("precision").path("skipped_steps").asInt()).isEqualTo(count);
    assertThat(summary.path("tokens").asInt()).isEqualTo((STEPS - count) * BATCH * 16);
    assertThat(CommandLineRun.of("report", "" + directory.resolve("scaled")).out())
        .contains("completed after %s steps (%s of them skipped)".formatted(STEPS, count));
    assertWasteIsCounted(summary, skipped);
  }

  private static void assertWasteIsCounted(JsonNode summary, List<ObjectNode> skipped) {
    TransformerShape shape =
        TransformerShape.gpt2(2, 32, 4, summary.path("model").path("vocabulary").asInt(), 16)
            .toBuilder()
            .bias(false)
            .build();
    BigInteger steps = BigInteger.valueOf(STEPS);
    BigInteger wasted = BigInteger.valueOf(skipped.size());
    BigInteger applied = steps.subtract(wasted);
    BigInteger parameters = BigInteger.valueOf(shape.parameters());
    BigInteger products = MatrixProducts.trainingStep(shape, BATCH, 16).flops();
    ElementwiseWork others =
        ElementwiseWork.trainingStep(shape, BATCH, 16, Recompute.NONE)
            .withScaledLoss(shape, BigInteger.valueOf(BATCH * 16));
    // g * g and a sum for each, and a root
    BigInteger norm = parameters.shiftLeft(1).add(BigInteger.ONE);

    assertThat(cause(summary, "skipped")).isEqualTo(products.multiply(wasted));
    assertThat(count(summary.path("precision"), "skipped_flops"))
        .isEqualTo(products.add(others.flops()).add(norm).multiply(wasted))
        .isEqualTo(
            skipped.stream()
                .map(step -> count(step, "flops"))
                .reduce(BigInteger.ZERO, BigInteger::add));
    assertThat(cause(summary, "elementwise", Phase.BACKWARD))
        .isEqualTo(others.flops(Phase.BACKWARD).multiply(steps));
    assertThat(cause(summary, "update", Phase.UPDATE))
        .isEqualTo(
            new UpdateWork(11, true, true, false, 0)
                .flops(shape)
                .multiply(applied)
                .add(norm.multiply(wasted)));
    assertThat(count(summary.path("reconciliation"), "residual")).isZero();
    assertThat(summary.path("reconciliation").path("exact").asBoolean()).isTrue();
  }

  /** A step that was skipped took its batch and its learning rate, once each. */
  @Test
  void skippedStepsMoveScheduleAndDataOnce() throws IOException {
    train("scaled", "--precision mixed-float16 --loss-scale 2^40");
    train("plain", "--precision float32");
    List<ObjectNode> scaled = log("scaled");
    List<ObjectNode> plain = log("plain");
    for (int step = 0; step < STEPS; step++) {
      assertThat(scaled.get(step).path("learning_rate"))
          .isEqualTo(plain.get(step).path("learning_rate"));
    }
    for (String key : List.of("batches", "random_root", "random_node")) {
      assertThat(position("scaled").path(key)).as(key).isEqualTo(position("plain").path(key));
    }
  }

  /** The scale of a run that goes on is in its checkpoint, with the steps since it changed. */
  @ParameterizedTest
  @CsvSource({
    "mixed-float16 --loss-scale 2^26 --loss-scale-window 7, 15",
    "mixed-float16 --loss-scale 2^26 --loss-scale-window 7, 30",
    "mixed-bfloat16, 30"
  })
  void goesOnToTheBit(String precision, int last) throws IOException {
    train("run", "--save-every 15 --keep 100 --precision " + precision);
    List<ObjectNode> whole = log("run");
    for (int step = last + 1; step <= STEPS; step++) {
      delete(directory.resolve("run/checkpoints/step-" + step));
    }
    CommandLineRun again =
        CommandLineRun.of("train", "--json", "--resume", "--run", "" + directory.resolve("run"));
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("going on after step " + last);
    assertThat(log("run")).isEqualTo(whole);
    assertThat(whole.stream().map(step -> step.path("loss_scale")).distinct().count())
        .isGreaterThan(precision.startsWith("mixed-float16") ? 3 : 0);
    JsonNode summary = MAPPER.readTree(again.out());
    assertThat(count(summary.path("reconciliation"), "residual")).isZero();
  }

  /** At a scale of 1 there is nothing left to lower: that is no overflow, but divergence. */
  @Test
  void endsWhereNoScaleHelps() throws IOException {
    CommandLineRun run =
        run("diverged", "--precision mixed-float16 --loss-scale 4 --learning-rate 1e30 --warmup 0");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(run.err()).contains("training has diverged");
    List<ObjectNode> log = log("diverged");
    assertThat(log.get(log.size() - 1).path("loss_scale").asDouble()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--precision mixed-float16 --loss-scale 1000 | loss-scale must be a power of two between 1 and 2^100, got 1000.0; set --loss-scale, such as 2^16",
        "--precision mixed-float16 --loss-scale 0.5 | got 0.5; set --loss-scale",
        "--precision mixed-float16 --loss-scale 2^101 | between 1 and 2^100",
        "--precision mixed-float16 --loss-scale-window 0 | loss-scale-window must be >= 1, got 0; set --loss-scale-window"
      })
  void refusesAnotherScale(String options, String message) throws IOException {
    CommandLineRun run = run("none", options);
    assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(directory.resolve("none")).doesNotExist();
  }

  private JsonNode train(String name, String options) throws IOException {
    CommandLineRun run = run(name, options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }

  private CommandLineRun run(String name, String options) throws IOException {
    Path data = Files.writeString(directory.resolve("text.txt"), TEXT.repeat(20));
    return CommandLineRun.of(
        "train --json --no-metrics --no-energy --peak 1e12 --layers 2 --width 32 --heads 4 --context 16 --batch %s --steps %s --eval-every 20 --eval-batches 2 --strict-accounting --data %s --run %s %s"
            .formatted(BATCH, STEPS, data, directory.resolve(name), options)
            .split(" "));
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

  private static BigInteger cause(JsonNode summary, String name) {
    return Stream.of(Phase.values())
        .map(phase -> cause(summary, name, phase))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  private static BigInteger cause(JsonNode summary, String name, Phase phase) {
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      if (cause.path("cause").asText().equals(name)
          && cause.path("phase").asText().equals(phase.label())) {
        return count(cause, "flops");
      }
    }
    return BigInteger.ZERO;
  }

  private static BigInteger count(JsonNode node, String key) {
    return node.path(key).bigIntegerValue();
  }

  private static void delete(Path checkpoint) throws IOException {
    if (!Files.exists(checkpoint)) {
      return;
    }
    try (Stream<Path> files = Files.walk(checkpoint)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
