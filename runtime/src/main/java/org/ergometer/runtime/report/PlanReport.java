package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ergometer.accounting.plan.Allocation;
import org.ergometer.accounting.plan.Budget;
import org.ergometer.accounting.plan.FittedRange;
import org.ergometer.accounting.plan.Frontier;
import org.ergometer.accounting.plan.ParametricLaw;
import org.ergometer.accounting.plan.ScalingLaw;
import org.ergometer.accounting.utilization.Peak;
import org.jspecify.annotations.Nullable;

/** What a scaling law makes of a budget, as JSON, schema {@code ergometer.plan/1}, and as text. */
public final class PlanReport {

  private final Frontier frontier;
  private final @Nullable Peak peak;
  private final @Nullable Double usd;

  /**
   * The report of a frontier.
   *
   * @param peak of one device, if the budget is one of device-hours
   * @param usd price of the budget, if it was one
   */
  public PlanReport(Frontier frontier, @Nullable Peak peak, @Nullable Double usd) {
    this.frontier = frontier;
    this.peak = peak;
    this.usd = usd;
  }

  /** What a reader should know before believing the numbers, a line each. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    ScalingLaw law = frontier.law();
    FittedRange range = law.range().orElse(null);
    Frontier.Point optimum = frontier.optimum();
    if (range != null && optimum.extrapolated()) {
      warnings.add(
          "the optimum, %s parameters on %s tokens, lies outside of where %s was fitted, %s"
              .formatted(
                  Figure.count(optimum.allocation().parameters()),
                  Figure.count(optimum.allocation().tokens()),
                  law.name(),
                  describe(range)));
    }
    if (law.equals(ParametricLaw.HOFFMANN)) {
      warnings.add(
          "the rounded constants of hoffmann do not give the paper's own table;"
              + " --law hoffmann-precise comes within a tenth");
    }
    return warnings;
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    ScalingLaw law = frontier.law();
    Budget budget = frontier.budget();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("schema", "ergometer.plan/1");
    json.put("law", law.name());
    json.put("formula", law.formula());
    json.put("source", law.source());
    json.put("flops", budget.flops());
    put(json, frontier.optimum());
    law.range().ifPresent(range -> putRange(json.putObject("fitted"), range));
    if (budget.deviceHours().isPresent()) {
      ObjectNode node = json.putObject("budget");
      put(node, "device_hours", budget.deviceHours());
      put(node, "peak_flops_per_second", budget.peakFlopsPerSecond());
      if (peak != null) {
        node.put("peak_source", peak.origin().label());
      }
      put(node, "utilization", budget.utilization());
      if (usd != null) {
        node.put("usd", usd);
      }
    }
    ArrayNode points = json.putArray("frontier");
    for (Frontier.Point point : frontier.points()) {
      ObjectNode node = points.addObject();
      node.put("name", point.name());
      node.put("factor", point.factor());
      put(node, point);
      put(node, "loss_increase", point.lossIncrease());
      node.put("inference_flops_per_million_tokens", point.inferenceFlops());
      node.put("inference_flops_saved_per_million_tokens", point.inferenceFlopsSaved());
      put(node, "inference_usd_saved_per_million_tokens", usdSaved(point));
    }
    warnings().forEach(json.putArray("warnings")::add);
    return json.toPrettyString() + "\n";
  }

  /** The law, the budget, a line for each point of the frontier, and how to read them. */
  public String text() {
    StringBuilder text = new StringBuilder();
    ScalingLaw law = frontier.law();
    Budget budget = frontier.budget();
    text.append(line("Law: %s, %s", law.name(), law.formula()));
    text.append(line("  %s", law.source()));
    law.range().ifPresent(range -> text.append(line("  fitted on %s", describe(range))));
    text.append(line("Budget: %s FLOP, spent as 6 N D", Figure.of(budget.flops())));
    if (peak != null && budget.deviceHours().isPresent()) {
      text.append(
          line(
              "  %s device-hours at %s %% of %s FLOP/s (%s): the share is an assumption",
              Figure.of(budget.deviceHours().getAsDouble()),
              Figure.of(100 * budget.utilization().orElseThrow()),
              Figure.of(peak.flopsPerSecond()),
              peak.description()));
    }
    text.append('\n');
    boolean priced = usdSaved(frontier.optimum()).isPresent();
    text.append(
        row(
            "",
            "parameters",
            "tokens",
            "tokens/N",
            "loss",
            "more",
            "inference*",
            "saved*",
            priced ? "USD*" : ""));
    frontier.points().forEach(point -> text.append(row(point)));
    text.append("  * FLOPs of a million tokens of inference, by 2 N a token");
    text.append(priced ? "; price on the same devices at the same utilization\n" : "\n");
    warnings().forEach(warning -> text.append("  ! ").append(warning).append('\n'));
    return text.toString();
  }

  private String row(Frontier.Point point) {
    Allocation allocation = point.allocation();
    boolean smaller = point.factor() > 1;
    return row(
        point.name() + (point.extrapolated() ? " !" : ""),
        Figure.count(allocation.parameters()),
        Figure.count(allocation.tokens()),
        String.format(Locale.ROOT, "%.1f", allocation.tokensPerParameter()),
        fixed("%.4f", point.loss()),
        point.factor() == 1 ? "" : fixed("%+.4f", point.lossIncrease()),
        Figure.power(point.inferenceFlops()),
        smaller ? Figure.power(point.inferenceFlopsSaved()) : "",
        smaller && usdSaved(point).isPresent() ? fixed("%.2g", usdSaved(point)) : "");
  }

  private static String row(String... cells) {
    return String.format(
                Locale.ROOT, "  %-19s %10s %8s %9s %7s %8s %10s %10s %9s", (Object[]) cells)
            .stripTrailing()
        + "\n";
  }

  private OptionalDouble usdSaved(Frontier.Point point) {
    OptionalDouble hours = frontier.budget().deviceHours();
    OptionalDouble saved = frontier.budget().deviceHoursOf(point.inferenceFlopsSaved());
    return usd == null || hours.isEmpty() || saved.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(usd * saved.getAsDouble() / hours.getAsDouble());
  }

  private static void put(ObjectNode json, Frontier.Point point) {
    json.put("parameters", point.allocation().parameters());
    json.put("tokens", point.allocation().tokens());
    json.put("tokens_per_parameter", point.allocation().tokensPerParameter());
    put(json, "predicted_loss", point.loss());
    json.put("extrapolated", point.extrapolated());
  }

  private static void put(ObjectNode json, String key, OptionalDouble value) {
    if (value.isPresent()) {
      json.put(key, value.getAsDouble());
    }
  }

  private static void putRange(ObjectNode json, FittedRange range) {
    json.putArray("parameters").add(range.leastParameters()).add(range.mostParameters());
    json.putArray("tokens").add(range.leastTokens()).add(range.mostTokens());
  }

  private static String describe(FittedRange range) {
    return "%s to %s parameters and %s to %s tokens"
        .formatted(
            Figure.count(range.leastParameters()),
            Figure.count(range.mostParameters()),
            Figure.count(range.leastTokens()),
            Figure.count(range.mostTokens()));
  }

  private static String fixed(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "-";
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
