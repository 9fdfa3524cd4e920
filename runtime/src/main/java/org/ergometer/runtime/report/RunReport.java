package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.Locale;
import org.ergometer.accounting.ledger.LedgerTable;

/** A summary as text for people: rounded, with SI prefixes; the exact integers are in the JSON. */
public final class RunReport {

  private RunReport() {}

  /** The whole report, lines ended by {@code \n}. */
  public static String of(RunSummary summary) {
    return of(summary, false);
  }

  /**
   * The same.
   *
   * @param goesOn whether a process works on the run now
   */
  public static String of(RunSummary summary, boolean goesOn) {
    JsonNode json = VisibleText.inLine(summary.json());
    StringBuilder text = new StringBuilder();
    appendRun(text, json, goesOn);
    if (json.has("flops")) {
      text.append('\n').append(LedgerTable.of(LedgerJson.read(json.path("flops"))));
      appendUpdateShare(text, json.path("flops"));
      text.append(RooflineJson.lines(json));
    } else {
      text.append("\nNothing was counted: the run was made with --no-accounting.\n");
    }
    appendPredicted(text, json);
    text.append(EnergyText.of(json));
    return text.toString();
  }

  private static void appendRun(StringBuilder text, JsonNode json, boolean goesOn) {
    JsonNode model = json.path("model");
    text.append(
        line(
            "Run %s: %s after %s%s, %s",
            json.path("run_id").asText(),
            goesOn ? "running" : json.path("status").asText(),
            Counted.of(json.path("steps").asInt(), "step"),
            skipped(json.path("skipped_steps").asInt()),
            Counted.of(json.path("tokens").asLong(), "token")));
    appendTime(text, json.path("time"));
    text.append(EnergyText.forecast(json.path("forecast")));
    appendRecipe(text, json.path("recipe"));
    text.append(
        line(
            "Model: %s, width %d, %s, context %d, vocabulary %d; %,d parameters",
            Counted.of(model.path("layers").asInt(), "layer"),
            model.path("width").asInt(),
            Counted.of(model.path("heads").asInt(), "head"),
            model.path("context").asInt(),
            model.path("vocabulary").asInt(),
            model.path("parameters").asLong()));
    if (json.has("final_loss")) {
      text.append(line("Loss: %.4f nats in the last step", json.path("final_loss").asDouble()));
    }
    if (json.has("validation_loss")) {
      text.append(
          line("Loss on held-out text: %.4f nats", json.path("validation_loss").asDouble()));
    }
    JsonNode throughput = json.path("throughput");
    if (throughput.has("tokens_per_second")) {
      text.append(
          line(
              "Speed: %,.0f tokens/s in the mean, %.2f ms a step in the median",
              throughput.path("tokens_per_second").asDouble(),
              1000 * throughput.path("median_step_seconds").asDouble()));
    }
    text.append(UtilizationJson.line(json));
    text.append(PrecisionJson.lines(json));
  }

  private static void appendTime(StringBuilder text, JsonNode time) {
    if (time.has("seconds")) {
      text.append(
          line(
              "Time: %s of work%s%s",
              EnergyText.duration(time.path("seconds").asDouble()),
              time.has("started") ? ", begun " + time.path("started").asText() : "",
              time.has("ended") ? ", ended " + time.path("ended").asText() : ""));
    }
  }

  private static void appendRecipe(StringBuilder text, JsonNode recipe) {
    if (recipe.isMissingNode()) {
      return;
    }
    text.append(
        line(
            "Recipe: seed %s, batch %s by %s, %s at %s (%s), %s by tokenizer %s",
            recipe.path("seed").asText(),
            recipe.path("batch").asText(),
            recipe.path("accumulate").asText(),
            recipe.path("optimizer").asText(),
            recipe.path("learning_rate").asText(),
            recipe.path("schedule").asText(),
            recipe.path("data").asText(),
            recipe.path("tokenizer").asText()));
  }

  private static String skipped(int steps) {
    return steps == 0 ? "" : String.format(Locale.ROOT, " (%,d of them skipped)", steps);
  }

  private static void appendUpdateShare(StringBuilder text, JsonNode flops) {
    double total = flops.path("total").asDouble();
    double update = flops.path("by_phase").path("update").asDouble();
    if (total > 0) {
      text.append(line("Share of the update: %.2f %%", 100 * update / total));
    }
  }

  private static void appendPredicted(StringBuilder text, JsonNode json) {
    text.append("\nMeasured beside predicted, in FLOPs\n");
    appendAmount(text, "predicted: products of the steps", json.path("predicted").path("flops"));
    JsonNode reconciliation = json.path("reconciliation");
    if (!reconciliation.isMissingNode()) {
      for (JsonNode cause : reconciliation.path("causes")) {
        appendAmount(
            text,
            "  + %s (%s)"
                .formatted(
                    KnownNames.cause(cause.path("cause").asText()),
                    KnownNames.phase(cause.path("phase").asText())),
            cause.path("flops"));
      }
      appendAmount(text, "measured", reconciliation.path("measured"));
      appendAmount(text, "measured without explanation", reconciliation.path("residual"));
    }
    text.append("\nFLOPs of the training steps by published conventions\n");
    json.path("predicted")
        .path("conventions")
        .properties()
        .forEach(convention -> appendAmount(text, convention.getKey(), convention.getValue()));
  }

  private static void appendAmount(StringBuilder text, String name, JsonNode flops) {
    BigInteger amount = ExactJson.read(flops);
    String sign = amount.signum() < 0 ? "-" : "";
    text.append(line("  %-34s %12s", name, sign + LedgerTable.amount(amount.abs())));
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
