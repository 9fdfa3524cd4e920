package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.runtime.acceleration.Acceleration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on 16-bit products, held against float32 and against shapes. */
class MixedPrecisionTest {

  private static final String TEXT =
      "It is a far, far better thing that I do, than I have ever done; ";

  /** Losses of a model of this size differ by a few thousandths. */
  private static final double TOLERANCE = 0.02;

  private final Path directory;

  MixedPrecisionTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void needsOneDnn() {
    assumeThat(Acceleration.status()).isInstanceOf(Acceleration.Status.On.class);
  }

  @ParameterizedTest
  @CsvSource({
    "mixed-bfloat16, 1",
    "mixed-bfloat16, 2",
    "mixed-bfloat16, 3",
    "mixed-float16, 1",
    "mixed-float16, 2",
    "mixed-float16, 3"
  })
  void losesNothingOfTheLossInFiftySteps(String precision, long seed) throws IOException {
    String options =
        "--layers 2 --width 32 --heads 4 --context 16 --batch 4 --steps 50 --eval-every 50 --seed "
            + seed;
    train("float32", "float32", options);
    JsonNode mixed = train("mixed", precision, options);
    List<Double> expected = losses("float32");
    List<Double> losses = losses("mixed");
    assertThat(losses).hasSameSizeAs(expected).isNotEqualTo(expected);
    assertThat(losses.get(49)).isLessThan(losses.get(0) - 0.5);
    for (int step = 0; step < losses.size(); step++) {
      assertThat(losses.get(step)).isCloseTo(expected.get(step), within(TOLERANCE));
    }
    assertThat(mixed.path("precision").path("matmul_16_bit_ratio").asDouble()).isBetween(0.8, 1.0);
  }

  /**
   * For a product of x [N, I] with W [I, O]: three casts of 6 bytes an element, and three products
   * that read 2 bytes less of each operand; in inference a cast of each x, one of the weights for
   * an evaluation or a text, and one product. There are two evaluations of two batches of 768
   * tokens. A text of 128 tokens is written after the first, one of 256 in the end.
   */
  @Test
  void savesTheBytesThatFollowFromShapes() throws IOException {
    JsonNode json =
        train(
            "mixed",
            "mixed-bfloat16",
            "--layers 1 --width 8 --heads 2 --context 8 --batch 2 --steps 4 --eval-every 2");
    long vocabulary = json.path("model").path("vocabulary").asLong();
    long saved = 0;
    DecodingWork texts = TrainRunTest.TEXT_OF_128.plus(TrainRunTest.LONG_TEXT);
    for (long[] map : new long[][] {{8, 24}, {8, 8}, {8, 32}, {32, 8}, {8, vocabulary}}) {
      long rows = 2 * 8;
      long weights = map[0] * map[1];
      saved += 4 * (4 - 6) * (rows * map[0] + weights + rows * map[1]);
      saved += 2 * (2 * (2 - 6) * 768 * map[0] + (2 * 2 - 6) * weights);
      long read = map[1] == vocabulary ? texts.predictions() : texts.positions();
      saved += (2 - 6) * read * map[0] + (2 * texts.predictions() - 2 * 6) * weights;
    }
    JsonNode precision = json.path("precision");
    assertThat(precision.path("bytes_saved").asLong()).isEqualTo(saved);
    assertThat(json.path("flops").path("by_dtype").path("bfloat16").asLong()).isPositive();
    assertThat(json.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(json.path("reconciliation").path("exact").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--layers 1 --width 1 --heads 1 --head-dim 2 --ffn 1 --context 1 --batch 1 --bias",
        "--layers 2 --width 15 --heads 3 --ffn 7 --context 5 --batch 3 --untied --accumulate 2",
        "--layers 1 --width 12 --heads 2 --activation swiglu --norm rmsnorm --positions rope --kv-heads 1"
      })
  void leavesNothingWithoutAName(String options) throws IOException {
    JsonNode json = train("mixed", "mixed-bfloat16", options + " --steps 3 --strict-accounting");
    assertThat(json.path("reconciliation").path("exact").asBoolean()).isTrue();
    assertThat(json.path("reconciliation").path("residual").asLong()).isZero();
  }

  @Test
  void isRefusedWhereNd4jWouldMultiply() {
    CommandLineRun run =
        CommandLineRun.of("train", "--precision", "mixed-bfloat16", "--acceleration", "off");
    assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
    assertThat(run.err()).contains("precision mixed-bfloat16 needs oneDNN's products");
    run = CommandLineRun.of("train", "--precision", "float8");
    assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
    assertThat(run.err()).contains("[float32, mixed-bfloat16, mixed-float16], got \"float8\"");
  }

  private JsonNode train(String name, String precision, String options) throws IOException {
    Path data = Files.writeString(directory.resolve("text.txt"), TEXT.repeat(20));
    CommandLineRun run =
        CommandLineRun.of(
            "train --json --no-metrics --no-energy --peak 1e12 --eval-batches 2 --data %s --run %s --precision %s %s"
                .formatted(data, directory.resolve(name), precision, options)
                .split(" "));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  private List<Double> losses(String name) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    return Files.readAllLines(directory.resolve(name).resolve("log.jsonl")).stream()
        .map(
            line -> {
              try {
                return mapper.readTree(line).path("loss").asDouble();
              } catch (IOException e) {
                throw new AssertionError(line, e);
              }
            })
        .toList();
  }
}
