package org.ergometer.runtime.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.training.TrainingStep;
import org.ergometer.runtime.training.TrainingTotals;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunSummaryTest {

  private static final RunTime TIME = new RunTime(Instant.EPOCH, null, 90);

  private static final TransformerShape SHAPE =
      new TransformerShape(1, 8, 2, 32, 10, 4, true, false);

  /** More than a long or a double can hold exactly. */
  private static final BigInteger HUGE = BigInteger.TWO.pow(70).add(BigInteger.ONE);

  private static final LedgerSnapshot LEDGER =
      new LedgerSnapshot(
          List.of(
              entry("block.0.attention", Phase.FORWARD, "matmul", OpClass.MATMUL, HUGE),
              entry("block.0.attention", Phase.FORWARD, "softmax", OpClass.SOFTMAX, 7),
              entry("none", Phase.UPDATE, "adam_updater", OpClass.UPDATER, 11),
              entry("none", Phase.OTHER, "mystery", OpClass.UNACCOUNTED, 0)),
          3);

  @Test
  void hasTheKeysOfTheContract() {
    JsonNode json = summary(LEDGER).json();

    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "schema",
            "run_id",
            "status",
            "time",
            "model",
            "steps",
            "skipped_steps",
            "tokens",
            "final_loss",
            "validation_loss",
            "throughput",
            "flops",
            "roofline",
            "precision",
            "predicted",
            "reconciliation",
            "utilization",
            "environment");
    assertThat(json.path("schema").asText()).isEqualTo("ergometer.run/1");
    assertThat(json.path("status").asText()).isEqualTo("completed");
    assertThat(json.path("model").fieldNames())
        .toIterable()
        .contains(
            "layers",
            "width",
            "heads",
            "kv_heads",
            "head_dim",
            "ffn",
            "vocabulary",
            "context",
            "parameters",
            "non_embedding_parameters");
    assertThat(json.path("flops").fieldNames())
        .toIterable()
        .contains(
            "total",
            "matmul",
            "by_phase",
            "by_dtype",
            "by_op_class",
            "by_layer",
            "op_classes",
            "bytes_read",
            "bytes_written",
            "unaccounted_ops",
            "accounting_errors");
    assertThat(json.path("flops").path("by_phase").fieldNames())
        .toIterable()
        .containsExactly("forward", "backward", "update", "recompute", "evaluation", "other");
  }

  @Test
  void theOutlineTellsNoPaths(@TempDir Path directory) throws IOException {
    ObjectNode whole = (ObjectNode) summary(LEDGER).json().deepCopy();
    whole
        .putObject("recipe")
        .put("command", "ergometer train --data /home/me/secret/book.txt")
        .put("data", "book.txt")
        .put("seed", 1);
    ObjectNode recipe = whole.withObject("/recipe");
    recipe.putArray("resumed_with").add("ergometer train --resume --run /home/me/run");
    recipe.putArray("files").add("/home/me/secret/book.txt");
    Path file = Files.writeString(directory.resolve("summary.json"), whole.toString());

    JsonNode outline = new JsonMapper().readTree(RunSummary.read(file).outline());

    assertThat(outline.path("recipe").fieldNames()).toIterable().containsExactly("data", "seed");
    assertThat(outline.toString()).doesNotContain("/home");
  }

  @Test
  void countsAreExactIntegers() {
    JsonNode flops = summary(LEDGER).json().path("flops");

    assertThat(new BigInteger(flops.path("total").asText()))
        .isEqualTo(HUGE.add(BigInteger.valueOf(7 + 11)));
    assertThat(new BigInteger(flops.path("matmul").asText())).isEqualTo(HUGE);
    assertThat(flops.path("matmul_double").asDouble()).isEqualTo(HUGE.doubleValue());
    assertThat(flops.path("by_phase").path("update").asInt()).isEqualTo(11);
    assertThat(flops.path("by_phase").path("backward").asInt()).isZero();
    assertThat(flops.path("unaccounted_ops").asInt()).isEqualTo(2);
    assertThat(flops.path("accounting_errors").asInt()).isEqualTo(3);
  }

  @Test
  void isReadBackAsItWasWritten(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("summary.json");
    Files.writeString(file, summary(LEDGER).text());

    RunSummary read = RunSummary.read(file);

    assertThat(read.text()).isEqualTo(summary(LEDGER).text());
    assertThat(LedgerJson.read(read.json().path("flops"))).isEqualTo(LEDGER);
    assertThat(RunReport.of(read)).isEqualTo(RunReport.of(summary(LEDGER)));
  }

  /** 8 tokens in half a second: 16 a second; FLOPs of a token's products by 1e9 FLOP/s. */
  @Test
  void usesAPartOfThePeak() {
    JsonNode utilization = summary(null).json().path("utilization");
    // the block's matrices 4·8·8 + 2·8·32 and the head's 10·8, without the norms
    long parameters = 4 * 64 + 2 * 256 + 10 * 8;
    long attention = 12 * 2 * 4 * 4;

    assertThat(utilization.path("peak_source").asText()).isEqualTo("user");
    assertThat(utilization.path("peak_flops_per_second").asDouble()).isEqualTo(1e9);
    assertThat(utilization.path("mfu").asDouble())
        .isEqualTo(16 * (6.0 * parameters + attention) / 1e9, within(1e-15));
    assertThat(utilization.path("mfu_without_attention").asDouble())
        .isEqualTo(16 * 6.0 * parameters / 1e9, within(1e-15));
    // nothing is recomputed
    assertThat(utilization.path("hfu")).isEqualTo(utilization.path("mfu"));
    assertThat(RunReport.of(summary(null))).contains("of 1e9 FLOP/s (user)");
  }

  /** 1e9 FLOP/s and 1e9 bytes/s meet at 1 FLOP a byte; each entry has 96 bytes. */
  @Test
  void saysWhereWorkStandsUnderTheRoofline() {
    JsonNode json =
        summary(
                new LedgerSnapshot(
                    List.of(
                        entry("head", Phase.FORWARD, "matmul", OpClass.MATMUL, 300),
                        entry("head", Phase.FORWARD, "add", OpClass.ELEMENTWISE, 1)),
                    0))
            .json();

    assertThat(json.path("roofline").path("ridge_flops_per_byte").asDouble()).isEqualTo(1);
    JsonNode classes = json.path("flops").path("op_classes");
    assertThat(classes.findValuesAsText("bound")).containsExactlyInAnyOrder("compute", "memory");
    JsonNode layer = json.path("flops").path("by_layer").path(0);
    assertThat(layer.path("bound").asText()).isEqualTo("compute");
    assertThat(layer.path("attainable_flops_per_second").asDouble()).isEqualTo(1e9);
    assertThat(
            RunReport.of(
                summary(
                    new LedgerSnapshot(
                        List.of(entry("head", Phase.FORWARD, "add", OpClass.ELEMENTWISE, 1)), 0))))
        .contains("meet at 1.0 FLOP/B", "below, limited by memory: elementwise");
  }

  @Test
  void leavesOutWhatIsUnknown() {
    JsonNode json =
        RunSummary.of(
                new RunFacts(
                    "run",
                    RunStatus.FAILED,
                    TIME,
                    null,
                    SHAPE,
                    Recompute.NONE,
                    2,
                    Precision.FLOAT32,
                    new TrainingTotals(),
                    null,
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    0,
                    Map.of()))
            .json();

    assertThat(json.has("final_loss")).isFalse();
    assertThat(json.has("validation_loss")).isFalse();
    assertThat(json.has("flops")).isFalse();
    assertThat(json.has("utilization")).isFalse();
    assertThat(json.path("throughput").isEmpty()).isTrue();
  }

  @Test
  void predictsTheMatrixProductsOfTheStepsThatWereDone() {
    // B·T = 8 rows; a block takes qkv 2·8·8·24, scores and values 2·2·2·4·4·4 each, projection
    // 2·8·8·8, feed-forward 2·8·8·32 twice; the head 2·8·8·10; backward twice as much again
    long forward = 2 * 8 * 8 * 24 + 2 * 512 + 2 * 8 * 8 * 8 + 2 * (2 * 8 * 8 * 32) + 2 * 8 * 8 * 10;

    assertThat(summary(null).json().path("predicted").path("flops").asLong())
        .isEqualTo(3 * forward);
  }

  @Test
  void isShownWithEverythingThatWasCounted() {
    assertThat(RunReport.of(summary(LEDGER)))
        .contains(
            "Run run: completed after 1 step, 8 tokens",
            "block.0.attention",
            "updater",
            "Ops without a formula: {mystery=2}",
            "Ops that could not be booked: 3",
            "Share of the update",
            "chinchilla");
    assertThat(RunReport.of(summary(null))).contains("Nothing was counted");
  }

  @Test
  void saysWhatIsWrongWithAFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("summary.json");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunSummary.read(file))
        .withMessage(file + " does not exist; name the directory of a run that has begun");

    Files.writeString(file, "{\"schema\":\"other/1\"}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunSummary.read(file))
        .withMessageContaining("its schema must be ergometer.run/1, got \"other/1\"");

    Files.writeString(file, "{");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunSummary.read(file))
        .withMessageContaining("cannot be read as a summary");
  }

  private static RunSummary summary(@Nullable LedgerSnapshot ledger) {
    TrainingTotals totals = new TrainingTotals();
    totals.stepDone(new TrainingStep(1, 2.5, 0.1, 1, true, 0.5, 8, 2.25, null));
    return RunSummary.of(
        new RunFacts(
            "run",
            RunStatus.COMPLETED,
            TIME,
            null,
            SHAPE,
            Recompute.NONE,
            2,
            Precision.FLOAT32,
            totals,
            ledger,
            List.of(new Explanation.AsMeasured(Cause.EVALUATION, Phase.EVALUATION)),
            Peak.user(1e9),
            1e9,
            null,
            null,
            null,
            0,
            Map.of("jdk", "17")));
  }

  private static LedgerEntry entry(
      String layer, Phase phase, String op, OpClass opClass, long flops) {
    return entry(layer, phase, op, opClass, BigInteger.valueOf(flops));
  }

  private static LedgerEntry entry(
      String layer, Phase phase, String op, OpClass opClass, BigInteger flops) {
    return new LedgerEntry(
        layer,
        phase,
        OpFamily.CUSTOM,
        op,
        opClass,
        ElementType.FLOAT32,
        2,
        flops,
        BigInteger.valueOf(64),
        BigInteger.valueOf(32));
  }
}
