package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.Utilization;

/** The part {@code utilization} of a run's summary; absent while the peak is unknown. */
final class UtilizationJson {

  private static final int DEVICES = 1;

  private UtilizationJson() {}

  static void put(ObjectNode json, RunFacts facts) {
    Peak peak = facts.peak();
    if (peak == null) {
      return;
    }
    ObjectNode node = json.putObject("utilization");
    node.put("peak_flops_per_second", peak.flopsPerSecond());
    node.put("peak_source", peak.origin().label());
    if (facts.mixedPeak() != null) {
      node.put("peak_convention", MixedPeak.CONVENTION);
    }
    if (peak.type() != null) {
      node.put("peak_dtype", peak.type().label());
    }
    double tokensPerSecond = facts.totals().tokensPerSecond();
    if (tokensPerSecond > 0 && Double.isFinite(tokensPerSecond)) {
      Utilization utilization =
          Utilization.of(
              tokensPerSecond,
              ModelWork.ofTraining(facts.shape(), facts.recompute()),
              DEVICES,
              peak);
      node.put("mfu", utilization.mfu());
      node.put("mfu_without_attention", utilization.mfuWithoutAttention());
      node.put("hfu", utilization.hfu());
      putByConvention(
          node.putObject("mfu_by_convention"),
          facts.shape(),
          tokensPerSecond / peak.flopsPerSecond());
      if (utilization.impossible()) {
        node.put("warning", "above 100 %: the peak, the denominator, is too low; set --peak");
      }
    }
  }

  /**
   * Puts the MFU by each other count of a token's FLOPs.
   *
   * @param perFlop MFU of one FLOP a token
   */
  static void putByConvention(ObjectNode node, TransformerShape shape, double perFlop) {
    ModelWork.byConvention(shape)
        .forEach((name, flops) -> node.put(name, flops.doubleValue() * perFlop));
  }

  /** A line for people; empty where nothing is known. */
  static String line(JsonNode summary) {
    JsonNode node = summary.path("utilization");
    if (!node.has("mfu")) {
      return "";
    }
    String line =
        String.format(
            Locale.ROOT,
            "Utilization: MFU %.1f %%, HFU %.1f %% of %s FLOP/s (%s)\n",
            100 * node.path("mfu").asDouble(),
            100 * node.path("hfu").asDouble(),
            Figure.power(node.path("peak_flops_per_second").asDouble()),
            node.path("peak_source").asText());
    return node.has("warning") ? line + "  ! " + node.path("warning").asText() + "\n" : line;
  }
}
