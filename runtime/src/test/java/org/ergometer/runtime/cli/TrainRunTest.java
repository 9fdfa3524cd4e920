package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.RunLock;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Setting;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One small run from the command line to its directory, looked at from all sides. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainRunTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String TEXT = "It was the best of times, it was the worst of times. ";
  private static final int STEPS = 6;

  /**
   * Of a text of 128 tokens in a context of 8: 1 to 8 tokens are seen, then 24 times the last 4 at
   * once and 5 to 8.
   */
  static final DecodingWork TEXT_OF_128 =
      new DecodingWork(
          8 + 24 * 5, 8 + 24 * 8, 36 + 24 * (16 + 5 + 6 + 7 + 8)); // 36 = 1 + 2 + … + 8

  /** Of one of 256 tokens: the last of 50 new beginnings ends with the sixth token. */
  static final DecodingWork LONG_TEXT =
      new DecodingWork(
          8 + 49 * 5 + 3, 8 + 49 * 8 + 6, 36 + 49 * (16 + 5 + 6 + 7 + 8) + (16 + 5 + 6));

  private final Path run;
  private final CommandLineRun command;
  private final JsonNode summary;

  TrainRunTest(@TempDir Path directory) throws IOException {
    Path data = Files.writeString(directory.resolve("book.txt"), TEXT.repeat(20));
    Path config =
        Files.writeString(
            directory.resolve("small.yaml"),
            "layers: 1\nwidth: 12\nheads: 3\ncontext: 8\nsteps: 100\nbias: true\nmetrics-port: 0\n");
    run = directory.resolve("run");
    command =
        CommandLineRun.of(
            ("train --json --batch 2 --eval-every 4 --eval-batches 3 --strict-accounting"
                    + " --steps %s --config %s --data %s --run %s")
                .formatted(STEPS, config, data, run)
                .split(" "));
    summary = MAPPER.readTree(command.out());
  }

  @BeforeAll
  void succeeds() {
    assertThat(command.err()).contains("metrics at http://127.0.0.1:", "step 6/6", "val ");
    assertThat(command.exitCode()).isZero();
  }

  @Test
  void leavesTheFilesOfTheContract() throws IOException {
    try (var files = Files.walk(run)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> run.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "config.yaml",
              "tokenizer.json",
              "log.jsonl",
              "summary.json",
              "sample.txt",
              "samples.jsonl",
              ".lock",
              "ledger.journal",
              "checkpoints/last/model.zip",
              "checkpoints/best/model.zip",
              "checkpoints/step-4/SHA256SUMS",
              "checkpoints/step-4/executed.bin",
              "checkpoints/step-4/model.zip",
              "checkpoints/step-4/training.json",
              "checkpoints/step-6/SHA256SUMS",
              "checkpoints/step-6/executed.bin",
              "checkpoints/step-6/model.zip",
              "checkpoints/step-6/training.json");
    }
    assertThat(ConfigFile.read(run.resolve("config.yaml")))
        .containsEntry(Setting.LAYERS, List.of("1"))
        .containsEntry(Setting.FFN, List.of("48"))
        .containsEntry(Setting.STEPS, List.of("6"));
    // 256 tokens of one character each, and the file's line end
    assertThat(Files.readString(run.resolve("sample.txt"))).hasSize(256 + 1);
  }

  @Test
  void logsOneObjectAStep() throws IOException {
    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      steps.add(MAPPER.readTree(line));
    }

    assertThat(steps)
        .extracting(step -> step.path("step").asInt())
        .containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(steps)
        .extracting(step -> step.has("validation_loss"))
        .containsExactly(false, false, false, true, false, true);
    assertThat(steps)
        .allSatisfy(
            step ->
                assertThat(step.fieldNames())
                    .toIterable()
                    .contains(
                        "loss", "learning_rate", "gradient_norm", "tokens_per_second", "flops"));
    assertThat(summary.path("final_loss")).isEqualTo(steps.get(5).path("loss"));
    assertThat(summary.path("validation_loss")).isEqualTo(steps.get(5).path("validation_loss"));
  }

  @Test
  void printsTheSummaryAndNothingElse() throws IOException {
    assertThat(command.out()).isEqualTo(Files.readString(run.resolve("summary.json")));
    assertThat(summary.path("status").asText()).isEqualTo("completed");
    assertThat(summary.path("steps").asInt()).isEqualTo(STEPS);
    assertThat(summary.path("tokens").asInt()).isEqualTo(STEPS * 2 * 8);
    assertThat(summary.path("environment").fieldNames()).toIterable().contains("backend", "jdk");
  }

  @Test
  void saysWhenItWasMadeAndOfWhat() {
    JsonNode time = summary.path("time");
    JsonNode recipe = summary.path("recipe");

    assertThat(Instant.parse(time.path("started").asText()))
        .isBeforeOrEqualTo(Instant.parse(time.path("ended").asText()));
    assertThat(time.path("seconds").asDouble()).isPositive();
    assertThat(recipe.path("command").asText()).startsWith("ergometer train --json --batch 2 ");
    assertThat(recipe.path("resumed_with")).isEmpty();
    assertThat(recipe.path("version").asText()).matches("\\d+\\.\\d+.*");
    assertThat(recipe.path("batch").asInt()).isEqualTo(2);
    assertThat(recipe.path("accumulate").asInt()).isEqualTo(1);
    assertThat(recipe.path("optimizer").asText()).isEqualTo("adamw");
    assertThat(recipe.path("schedule").asText()).isEqualTo("cosine");
    assertThat(recipe.path("learning_rate").asDouble()).isPositive();
    assertThat(recipe.path("files").path(0).asText()).endsWith("book.txt");
    assertThat(recipe.path("data_digest").asText()).isNotBlank();
    assertThat(recipe.path("tokenizer").asText()).isEqualTo("char");
    assertThat(recipe.has("seed")).isTrue();
    assertThat(recipe.fieldNames()).toIterable().allMatch(name -> name.matches("[a-z_]+"));
  }

  @Test
  void measuredMatrixProductsEqualThePredictedOnes() {
    // the text's distinct characters: " ,.I" and "abefhimorstw"
    TransformerShape shape = new TransformerShape(1, 12, 3, 48, 16, 8, true, true);
    MatrixProducts training = MatrixProducts.trainingStep(shape, 2, 8).times(STEPS);
    JsonNode reconciliation = summary.path("reconciliation");

    assertThat(reconciliation.path("predicted").bigIntegerValue()).isEqualTo(training.flops());
    assertThat(reconciliation.path("residual").bigIntegerValue()).isZero();
    assertThat(reconciliation.path("exact").asBoolean()).isTrue();
    assertThat(matmulFlops("forward"))
        .isEqualTo(training.flopsBy(MatrixProduct::phase).get(Phase.FORWARD));
    assertThat(matmulFlops("backward"))
        .isEqualTo(training.flopsBy(MatrixProduct::phase).get(Phase.BACKWARD));
    // two evaluations of 3 times 768 tokens, 288 windows; a text after the first, and one at the
    // end
    assertThat(matmulFlops("evaluation"))
        .isEqualTo(MatrixProducts.forwardPass(shape, 2 * 288, 8, Phase.EVALUATION).flops());
    assertThat(matmulFlops("other"))
        .isEqualTo(
            MatrixProducts.decoding(shape, TEXT_OF_128.plus(LONG_TEXT), Phase.OTHER).flops());
    assertThat(matmulFlops("update")).isZero();
  }

  @Test
  void countsEveryOp() {
    JsonNode flops = summary.path("flops");

    assertThat(flops.path("unaccounted_ops").asInt()).isZero();
    assertThat(flops.path("accounting_errors").asInt()).isZero();
    assertThat(flops.path("by_phase").path("update").asLong()).isPositive();
    assertThat(flops.path("by_phase").path("recompute").asLong()).isZero();
  }

  @Test
  void saysHowMuchOfTheMeasuredPeakItUsed() {
    JsonNode utilization = summary.path("utilization");

    assertThat(utilization.path("peak_source").asText()).isEqualTo("measured");
    assertThat(utilization.path("peak_dtype").asText()).isEqualTo("float32");
    assertThat(utilization.path("peak_flops_per_second").asDouble()).isPositive();
    assertThat(utilization.path("mfu").asDouble()).isBetween(1e-9, 1.0);
    assertThat(utilization.path("hfu")).isEqualTo(utilization.path("mfu"));
  }

  @Test
  void isReported() {
    CommandLineRun table = CommandLineRun.of("report", run.toString());
    CommandLineRun json = CommandLineRun.of("report", run.toString(), "--json");

    assertThat(table.exitCode()).isZero();
    assertThat(table.out())
        .contains(
            "block.0.attention",
            "Ops without a formula: 0",
            "+ evaluation (evaluation)",
            "+ update (update)")
        .containsPattern("measured without explanation +0\n");
    assertThat(json.out()).isEqualTo(command.out());
  }

  @Test
  void aReportSaysThatTheLogGoesFurther(@TempDir Path other) throws IOException {
    for (String file : List.of("summary.json", "log.jsonl", "config.yaml", "ledger.journal")) {
      Files.copy(run.resolve(file), other.resolve(file));
    }
    String later =
        Files.readAllLines(run.resolve("log.jsonl"))
            .get(0)
            .replaceFirst("\"step\": *1\\b", "\"step\":" + (STEPS + 3));
    Files.writeString(other.resolve("log.jsonl"), later + "\n", StandardOpenOption.APPEND);

    assertThat(CommandLineRun.of("report", run.toString()).err()).isEmpty();
    assertThat(CommandLineRun.of("report", other.toString()).err())
        .contains("the summary is of step " + STEPS, "goes on to step " + (STEPS + 3));
  }

  @Test
  void itsStepsAreATable() throws IOException {
    Path file = run.resolveSibling("steps.csv");

    CommandLineRun report = CommandLineRun.of("report", run.toString(), "--csv", file.toString());

    assertThat(report.exitCode()).isZero();
    assertThat(report.out()).isEmpty();
    List<String> lines = Files.readAllLines(file);
    assertThat(lines)
        .hasSize(1 + STEPS)
        .startsWith(
            "step,loss,validation_loss,learning_rate,gradient_norm,tokens_per_second,flops,joules");
    List<String> logged = Files.readAllLines(run.resolve("log.jsonl"));
    for (int step = 1; step <= STEPS; step++) {
      String[] fields = lines.get(step).split(",", -1);
      JsonNode log = MAPPER.readTree(logged.get(step - 1));
      assertThat(fields).hasSize(8);
      assertThat(fields[0]).isEqualTo(String.valueOf(step));
      assertThat(Double.parseDouble(fields[1])).isEqualTo(log.path("loss").asDouble());
      assertThat(fields[2].isEmpty()).isEqualTo(step != 4 && step != 6);
      assertThat(fields[6]).isEqualTo(log.path("flops").asText());
    }
    assertThat(CommandLineRun.of("report", run.toString(), "--csv", "-").out())
        .isEqualTo(Files.readString(file));
  }

  @Test
  void allThatIsAskedForIsWritten() throws IOException {
    Path table = run.resolveSibling("all.csv");
    Path page = run.resolveSibling("all.html");

    CommandLineRun report =
        CommandLineRun.of("report", "" + run, "--json", "--html", "" + page, "--csv", "" + table);

    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.out()).isEqualTo(command.out());
    assertThat(Files.readAllLines(table)).hasSize(1 + STEPS);
    assertThat(page).content().contains("<html");

    CommandLineRun both = CommandLineRun.of("report", "" + run, "--json", "--csv", "-");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.out()).isEmpty();
    assertThat(both.err())
        .isEqualTo(
            "ergometer: one of json and csv can be on standard output, got --json and --csv -; set"
                + " --csv FILE"
                + System.lineSeparator());
  }

  @Test
  void aReportOfARunThatGoesOnSaysSo(@TempDir Path other) throws IOException {
    for (String file : List.of("summary.json", "log.jsonl", "config.yaml")) {
      Files.copy(run.resolve(file), other.resolve(file));
    }
    try (RunLock held = RunLock.take(RunDirectory.open(other))) {
      CommandLineRun report = CommandLineRun.of("report", "" + other);
      assertThat(held).isNotNull();
      assertThat(report.exitCode()).as(report.err()).isZero();
      assertThat(report.out()).contains(": running after %s steps".formatted(STEPS));
      assertThat(report.err())
          .contains("the run still goes on; its summary is of step 6, its log of step 6")
          .doesNotContain("killed");
    }
    assertThat(CommandLineRun.of("report", "" + other).out()).contains(": completed after");
  }

  @Test
  void itsLossesAreDrawn() throws IOException {
    Path file = run.resolveSibling("loss.png");

    CommandLineRun report = CommandLineRun.of("report", run.toString(), "--plot", file.toString());

    assumeThat(report.err()).as("a machine with fonts").doesNotContain("cannot draw text");
    assertThat(report.exitCode()).isZero();
    assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(960);
    CommandLineRun lost =
        CommandLineRun.of("report", run.toString(), "--plot", run.resolve("none/a.png").toString());
    assertThat(lost.exitCode()).isEqualTo(1);
    assertThat(lost.err()).contains("cannot be made (its directory does not exist)");
  }

  @Test
  void isWrittenAsAPage() throws IOException {
    Path page = run.resolveSibling("page.html");

    CommandLineRun report = CommandLineRun.of("report", run.toString(), "--html", page.toString());

    assertThat(report.exitCode()).isZero();
    assertThat(report.out()).isEmpty();
    Matcher data =
        Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(Files.readString(page));
    assertThat(data.find()).isTrue();
    JsonNode live = MAPPER.readTree(data.group(1));
    assertThat(live.path("status").asText()).isEqualTo("completed");
    assertThat(live.path("rows")).hasSize(STEPS);
    assertThat(live.path("samples"))
        .extracting(sample -> sample.path("step").asInt())
        .containsExactly(4, 6);
    assertThat(live.path("summary").path("flops").path("total"))
        .isEqualTo(summary.path("flops").path("total"));
    assertThat(Files.readString(page)).doesNotContain("src=", "{{", "http://127");
    assertThat(CommandLineRun.of("report", run.toString(), "--html", run.toString()).err())
        .contains("html must name a file, got the directory");
  }

  @Test
  void generatesFromTheSavedModel() throws IOException {
    String[] arguments =
        "generate %s --tokens 30 --prompt times --seed 3".formatted(run).split(" ");

    CommandLineRun first = CommandLineRun.of(arguments);

    assertThat(first.exitCode()).isZero();
    assertThat(first.out()).startsWith("times").hasSize("times".length() + 30 + 1);
    assertThat(first.err())
        .contains("the context of 8 tokens was full", "went on from the last 4", "tokens/s")
        .contains("without explanation: 0");
    assertThat(CommandLineRun.of(arguments).out()).isEqualTo(first.out());
    JsonNode json =
        MAPPER.readTree(
            CommandLineRun.of("generate", run.toString(), "--tokens", "5", "--json").out());
    assertThat(json.path("text").asText()).hasSize(5);
    assertThat(json.path("flops").path("residual").asLong()).isZero();
    // 12·16 logits; 12·36 + 12·12 + 2·12·48 weights of a block; 2·12 for each of 1 + … + 5 scores
    assertThat(json.path("flops").path("predicted").asLong())
        .isEqualTo(json.path("flops").path("matmul").asLong())
        .isEqualTo(2 * 5 * (192 + 432 + 144 + 1152) + 2 * 2 * 12 * 15);
    assertThat(generateErrors("--prompt", "é")).startsWith("ergometer: character \"é\"");
    assertThat(generateErrors("--top-p", "1.5"))
        .isEqualTo("ergometer: top-p must be above 0 and at most 1, got 1.5; set --top-p\n");
    assertThat(generateErrors("--top-k", "many")).startsWith("ergometer: top-k must be a whole");
    assertThat(generateErrors("--tokens", "0"))
        .isEqualTo("ergometer: tokens must be >= 1, got 0; set --tokens\n");
  }

  private String generateErrors(String... options) {
    List<String> arguments = new ArrayList<>(List.of("generate", run.toString()));
    arguments.addAll(List.of(options));
    CommandLineRun command = CommandLineRun.of(arguments.toArray(String[]::new));
    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.out()).isEmpty();
    assertThat(command.err().lines()).hasSize(1);
    return command.err();
  }

  private BigInteger matmulFlops(String phase) {
    BigInteger sum = BigInteger.ZERO;
    for (JsonNode op : summary.path("flops").path("ops")) {
      if (op.path("phase").asText().equals(phase)
          && op.path("op_class").asText().equals("matmul")) {
        sum = sum.add(op.path("flops").bigIntegerValue());
      }
    }
    return sum;
  }
}
