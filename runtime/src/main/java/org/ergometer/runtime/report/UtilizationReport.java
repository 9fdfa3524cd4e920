package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.TokenWork;
import org.ergometer.accounting.utilization.Utilization;

/** A utilization as JSON, schema {@code ergometer.utilization/1}, and as text. */
public final class UtilizationReport {

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> lines = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final double modelFlops;
  private final double perFlop;

  /**
   * The report of a throughput.
   *
   * @param tokensPerSecond of all devices together
   */
  public UtilizationReport(double tokensPerSecond, double devices, TokenWork work, Peak peak) {
    Utilization utilization = Utilization.of(tokensPerSecond, work, devices, peak);
    modelFlops = work.modelFlops();
    perFlop = tokensPerSecond / (devices * peak.flopsPerSecond());
    json.put("schema", "ergometer.utilization/1");
    json.put("mfu", utilization.mfu());
    json.put("mfu_without_attention", utilization.mfuWithoutAttention());
    json.put("hfu", utilization.hfu());
    json.put("model_flops_per_token", work.modelFlops());
    json.put("attention_flops_per_token", work.attentionFlops());
    json.put("recompute_flops_per_token", work.recomputeFlops());
    json.put("peak_flops_per_second", peak.flopsPerSecond());
    json.put("peak_source", peak.origin().label());
    json.put("tokens_per_second", tokensPerSecond);
    json.put("devices", devices);
    add("MFU", "%.2f %% of the model's matrix products", 100 * utilization.mfu());
    add("", "%.2f %% without attention's products", 100 * utilization.mfuWithoutAttention());
    add("HFU", "%.2f %% with what is recomputed", 100 * utilization.hfu());
    add(
        "per token",
        "%s FLOP of the model, %s of them attention's; %s recomputed",
        Figure.power(work.modelFlops()),
        Figure.power(work.attentionFlops()),
        Figure.power(work.recomputeFlops()));
    add(
        "rate",
        "%s tokens/s on %s device%s, %s FLOP/s each",
        Figure.of(tokensPerSecond),
        Figure.of(devices),
        devices == 1 ? "" : "s",
        Figure.power(tokensPerSecond * work.modelFlops() / devices));
    add("peak", "%s FLOP/s each: %s", Figure.power(peak.flopsPerSecond()), peak.description());
    if (utilization.impossible()) {
      warnings.add(
          "above 100 %: the peak, the denominator, is too low, or the throughput is not of so few"
              + " devices");
    }
  }

  /**
   * Says beside the published HFU what it is with the FLOPs that are really executed again.
   *
   * @param recomputeFlops for a token
   */
  public void addExecuted(double recomputeFlops) {
    double executed = modelFlops + recomputeFlops;
    json.put("hfu_basis", "Korthikanti et al. 2022, equation 7");
    json.put("hfu_executed", executed * perFlop);
    add(
        "",
        "HFU is by Korthikanti et al. 2022, equation 7; %.2f %% with the products that attention"
            + " repeats",
        100 * executed * perFlop);
  }

  /** Adds the MFU by other counts of a token's FLOPs, and says those of the products alone. */
  public void addOtherCounts(TransformerShape shape) {
    ObjectNode shares = json.putObject("mfu_by_convention");
    UtilizationJson.putByConvention(shares, shape, perFlop);
    add(
        "",
        "%.2f %% by PaLM's convention, %.2f %% without the half that a causal mask hides",
        100 * shares.path("palm").asDouble(),
        100 * shares.path("products_causal").asDouble());
  }

  /** What cannot be right. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** A line for each figure. */
  public String text() {
    return String.join("\n", lines) + "\n";
  }

  private void add(String name, String format, Object... values) {
    lines.add(
        String.format(Locale.ROOT, "%-11s", name) + String.format(Locale.ROOT, format, values));
  }
}
