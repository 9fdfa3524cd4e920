package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.precision.PrecisionSavings;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.training.BaselineSteps;
import org.ergometer.runtime.training.TrainingTotals;

/** The part {@code precision} of a run's summary: the policy, and what it saved where counted. */
final class PrecisionJson {

  private PrecisionJson() {}

  static void put(ObjectNode json, RunFacts facts) {
    ObjectNode node = json.putObject("precision");
    node.put("policy", facts.precision().label());
    ObjectNode types = node.putObject("types");
    for (Precision.Work work : Precision.Work.values()) {
      types.put(
          work.name().toLowerCase(Locale.ROOT), Precision.label(facts.precision().type(work)));
    }
    if (facts.precision().lossScaled()) {
      putScaling(node, facts);
    }
    if (facts.activationBytes() > 0) {
      node.put("activation_bytes", facts.activationBytes());
    }
    putAttainable(node, facts);
    putMeasured(node, facts);
    LedgerSnapshot ledger = facts.ledger();
    if (ledger == null) {
      return;
    }
    PrecisionSavings savings = PrecisionSavings.of(ledger);
    ExactJson.putAll(node, "flops_by_dtype", ledger.flopsBy(entry -> entry.type().label()));
    node.put("matmul_16_bit_ratio", savings.halfShare());
    ExactJson.put(node, "bytes_moved", savings.movedBytes());
    ExactJson.put(node, "cast_bytes", savings.castBytes());
    ExactJson.put(node, "bytes_saved", savings.savedBytes());
    Map<String, BigInteger> phases = new LinkedHashMap<>();
    for (Phase phase : Phase.values()) {
      phases.put(phase.label(), savings.savedByPhase().getOrDefault(phase, BigInteger.ZERO));
    }
    ExactJson.putAll(node, "bytes_saved_by_phase", phases);
    node.put("baseline", PrecisionSavings.BASELINE);
  }

  /** Skipped steps were executed; all their FLOPs are lost. */
  private static void putScaling(ObjectNode node, RunFacts facts) {
    TrainingTotals totals = facts.totals();
    if (totals.lossScale() != null) {
      node.put("loss_scale", totals.lossScale());
    }
    node.put("skipped_steps", totals.skipped());
    if (facts.ledger() != null) {
      ExactJson.put(node, "skipped_flops", totals.skippedFlops());
    }
  }

  private static void putAttainable(ObjectNode node, RunFacts facts) {
    MixedPeak peaks = facts.mixedPeak();
    if (peaks == null) {
      return;
    }
    ObjectNode attainable = node.putObject("attainable");
    attainable.put(
        "speed_up",
        peaks.attainableSpeedUp(ModelWork.ofTraining(facts.shape(), facts.recompute())));
    ArrayNode rates = attainable.putArray("peaks");
    for (Peak peak : List.of(peaks.parameters(), peaks.others())) {
      rates
          .addObject()
          .put("dtype", Objects.requireNonNull(peak.type()).label())
          .put("flops_per_second", peak.flopsPerSecond())
          .put("source", peak.origin().label());
    }
    attainable.put("basis", MixedPeak.BASIS);
  }

  private static String attainableLine(JsonNode node) {
    JsonNode attainable = node.path("attainable");
    return attainable.isMissingNode()
        ? ""
        : String.format(
            Locale.ROOT,
            "Speed-up against float32: %.2f times (%s)\n",
            attainable.path("speed_up").asDouble(),
            attainable.path("basis").asText());
  }

  /** Time and energy against float32 are told where both were measured, and not otherwise. */
  private static void putMeasured(ObjectNode node, RunFacts facts) {
    if (facts.baseline() == null) {
      return;
    }
    BaselineSteps.Measured baseline = facts.baseline().time();
    ObjectNode measured = node.putObject("measured_baseline");
    measured.put("steps", baseline.steps());
    measured.put("float32_step_seconds", baseline.seconds());
    measured.put("step_seconds", baseline.runSeconds());
    measured.put("step_seconds_saved", baseline.seconds() - baseline.runSeconds());
    measured.put("speed_up", baseline.seconds() / baseline.runSeconds());
    if (facts.baseline().joules() != null && facts.baseline().runJoules() != null) {
      double float32 = facts.baseline().joules();
      double run = facts.baseline().runJoules();
      measured.put("float32_step_joules", float32);
      measured.put("step_joules", run);
      measured.put("step_joules_saved", float32 - run);
    }
  }

  private static String baselineLine(JsonNode node) {
    JsonNode measured = node.path("measured_baseline");
    if (measured.isMissingNode()) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        "Time against float32: %.2f ms a step, %.2f ms in float32 (medians of %d steps in turn); saved %.2f ms, %.1f %%\n",
        1000 * measured.path("step_seconds").asDouble(),
        1000 * measured.path("float32_step_seconds").asDouble(),
        measured.path("steps").asInt(),
        1000 * measured.path("step_seconds_saved").asDouble(),
        100 * (1 - 1 / measured.path("speed_up").asDouble()));
  }

  private static String scaleLine(JsonNode node) {
    if (node.path("skipped_steps").asInt() == 0) {
      return "";
    }
    String wasted =
        node.has("skipped_flops")
            ? ", %s FLOPs wasted"
                .formatted(LedgerTable.amount(ExactJson.read(node.path("skipped_flops"))))
            : "";
    return String.format(
        Locale.ROOT,
        "Loss scale: %s in the last step; %d steps skipped%s\n",
        Figure.of(node.path("loss_scale").asDouble()),
        node.path("skipped_steps").asInt(),
        wasted);
  }

  private static String bytesLine(JsonNode node) {
    if (!node.has("bytes_saved")) {
      return "";
    }
    BigInteger saved = ExactJson.read(node.path("bytes_saved"));
    return String.format(
        Locale.ROOT,
        "Precision: %s; %.1f %% of the products' FLOPs on 16 bits; bytes saved %s%s of %s moved, casts included"
            + " (baseline: %s)\n",
        node.path("policy").asText(),
        100 * node.path("matmul_16_bit_ratio").asDouble(),
        saved.signum() < 0 ? "-" : "",
        LedgerTable.amount(saved.abs()),
        LedgerTable.amount(ExactJson.read(node.path("bytes_moved"))),
        node.path("baseline").asText());
  }

  /** Lines for people; none where all is float32. */
  static String lines(JsonNode summary) {
    JsonNode node = summary.path("precision");
    return node.path("policy").asText().equals("float32")
        ? ""
        : bytesLine(node) + scaleLine(node) + attainableLine(node) + baselineLine(node);
  }
}
