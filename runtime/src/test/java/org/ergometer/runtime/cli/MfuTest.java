package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.benchmark.MemoryBandwidth;
import org.ergometer.runtime.benchmark.Quartiles;
import org.ergometer.runtime.benchmark.StepBenchmark;
import org.ergometer.runtime.peak.DatedPeak;
import org.ergometer.runtime.report.BenchReport;
import org.ergometer.runtime.report.ModelWork;
import org.ergometer.runtime.report.RunFacts;
import org.ergometer.runtime.report.RunStatus;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.report.RunTime;
import org.ergometer.runtime.telemetry.RunMetrics;
import org.ergometer.runtime.telemetry.UtilizationFeed;
import org.ergometer.runtime.training.TrainingStep;
import org.ergometer.runtime.training.TrainingTotals;
import org.junit.jupiter.api.Test;

/**
 * One throughput of one model under one peak has one MFU, whoever tells it. The model's input
 * embedding, half of its parameters, is looked up and not multiplied.
 */
class MfuTest {

  private static final RunTime TIME = new RunTime(Instant.EPOCH, null, 90);

  private static final TransformerShape UNTIED =
      new TransformerShape(4, 128, 4, 512, 50257, 64, false, false);

  /** Attention and feed-forward 12·128² in 4 blocks, the head, and scores and sums of 64 tokens. */
  private static final double TOKEN_FLOPS =
      6 * (4 * 12 * 128 * 128 + 50257 * 128) + 12 * 4 * 128 * 64;

  private static final int TOKENS = 12 * 64;
  private static final double SECONDS = 0.25;
  private static final Peak PEAK = Peak.user(1e12);
  private static final double MFU = TOKEN_FLOPS * TOKENS / SECONDS / 1e12;
  private static final Offset<Double> ROUNDING = within(1e-12);
  private static final TrainingStep STEP =
      new TrainingStep(1, 2.5, 0.1, 1, true, SECONDS, TOKENS, null, null);

  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void isOfTheUtilizationOfSomebodysThroughput() throws IOException {
    JsonNode json =
        JSON.readTree(
            CommandLineRun.of(
                    ("utilization --json --layers 4 --width 128 --heads 4 --vocabulary 50257"
                            + " --context 64 --untied --batch 12 --step-seconds 0.25 --peak 1e12")
                        .split(" "))
                .out());

    assertThat(json.path("mfu").asDouble()).isCloseTo(MFU, ROUNDING);
    assertHasOtherCounts(json.path("mfu_by_convention"));
  }

  @Test
  void isOfASummary() throws IOException {
    JsonNode json = JSON.readTree(summary().text()).path("utilization");

    assertThat(json.path("mfu").asDouble()).isCloseTo(MFU, ROUNDING);
    assertThat(json.path("hfu").asDouble()).isCloseTo(MFU, ROUNDING);
    assertHasOtherCounts(json.path("mfu_by_convention"));
  }

  @Test
  void isOfABenchmark() throws IOException {
    BenchReport report =
        new BenchReport(
            Map.of(),
            List.of(new BenchReport.PeakNow(new DatedPeak(PEAK, null), 1e11)),
            new MemoryBandwidth(1e9, 1e9));
    Quartiles seconds = Quartiles.of(SECONDS);
    report.addSteps(
        UNTIED,
        12,
        new StepBenchmark.Result(
            seconds, seconds, Quartiles.of(0), Map.of(), new LedgerSnapshot(List.of(), 0), 1));

    assertThat(JSON.readTree(report.json()).at("/step/mfu").asDouble()).isCloseTo(MFU, ROUNDING);
  }

  @Test
  void isOfTheMetrics() {
    TrainingProgress progress = new TrainingProgress();
    RunMetrics metrics = new RunMetrics(new Ledger(), progress);
    new UtilizationFeed(progress, PEAK, ModelWork.ofTraining(UNTIED, Recompute.FULL))
        .stepDone(STEP);

    double shown =
        metrics
            .runText()
            .lines()
            .filter(line -> line.startsWith("ergometer_model_flops_utilization_ratio "))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
            .sum();
    assertThat(shown).isCloseTo(MFU, ROUNDING);
  }

  /** PaLM's N has the input embedding, norms and biases too. */
  private static void assertHasOtherCounts(JsonNode shares) {
    double palm = 6.0 * UNTIED.parameters() - 6.0 * 64 * 128 + 12 * 4 * 128 * 64;

    assertThat(shares.path("products").asDouble()).isCloseTo(MFU, ROUNDING);
    assertThat(shares.path("palm").asDouble()).isCloseTo(MFU * palm / TOKEN_FLOPS, ROUNDING);
    assertThat(shares.path("products_causal").asDouble())
        .isCloseTo(MFU * (TOKEN_FLOPS - 6 * 4 * 128 * 64) / TOKEN_FLOPS, ROUNDING);
  }

  private static RunSummary summary() {
    TrainingTotals totals = new TrainingTotals();
    totals.stepDone(STEP);
    return RunSummary.of(
        new RunFacts(
            "run",
            RunStatus.COMPLETED,
            TIME,
            null,
            UNTIED,
            Recompute.NONE,
            12,
            Precision.FLOAT32,
            totals,
            null,
            List.of(),
            PEAK,
            null,
            null,
            null,
            null,
            0,
            Map.of()));
  }
}
