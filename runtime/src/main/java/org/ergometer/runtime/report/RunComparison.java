package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ergometer.runtime.config.ConfigDifference.Difference;
import org.jspecify.annotations.Nullable;

/**
 * Two runs side by side, schema {@code ergometer.compare/1}: what they came to, and what the second
 * saved, which is the first's minus the second's and negative where the second took more.
 *
 * <p>Savings are of runs that did the same work: as many steps and tokens of the same model. Time
 * is told where both ran on the same hardware, energy where sensors metered both; what is not told
 * has a reason.
 */
public final class RunComparison {

  /** Facts of an environment that say how fast work can be. */
  private static final Set<String> HARDWARE =
      Set.of("backend", "architecture", "cpu", "cores", "threads", "gpu", "devices");

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ObjectNode a;
  private final ObjectNode b;
  private final ObjectNode saved;
  private final Map<String, String> reasons = new LinkedHashMap<>();

  /**
   * Compares.
   *
   * @param differences of their configurations
   */
  public RunComparison(RunSummary first, RunSummary second, List<Difference> differences) {
    json.put("schema", "ergometer.compare/1");
    a = json.putObject("a");
    b = json.putObject("b");
    putRun(a, first.json());
    putRun(b, second.json());
    putDifferences(differences, first.json(), second.json());
    saved = json.putObject("saved");
    if (sameWork(first.json(), second.json())) {
      saveCounts();
      List<String> hardware =
          differing(first.json(), second.json()).stream().filter(HARDWARE::contains).toList();
      saveTime(hardware);
      saveEnergy(hardware);
    }
    ObjectNode unknown = json.putObject("not_compared");
    reasons.forEach(unknown::put);
  }

  private static void putRun(ObjectNode node, JsonNode run) {
    node.put("run_id", run.path("run_id").asText());
    node.put("status", run.path("status").asText());
    node.put("precision", run.path("precision").path("policy").asText());
    node.set("steps", run.path("steps"));
    copy(node, "skipped_steps", run.path("skipped_steps"));
    node.set("tokens", run.path("tokens"));
    copy(node, "final_loss", run.path("final_loss"));
    copy(node, "validation_loss", run.path("validation_loss"));
    JsonNode flops = run.path("flops");
    if (!flops.isMissingNode()) {
      ExactJson.put(node, "flops", ExactJson.read(flops.path("total")));
      ExactJson.put(
          node,
          "bytes",
          ExactJson.read(flops.path("bytes_read"))
              .add(ExactJson.read(flops.path("bytes_written"))));
    }
    copy(node, "activation_bytes", run.path("precision").path("activation_bytes"));
    JsonNode throughput = run.path("throughput");
    copy(node, "median_step_seconds", throughput.path("median_step_seconds"));
    double rate = throughput.path("tokens_per_second").asDouble();
    if (rate > 0) {
      node.put("step_seconds", run.path("tokens").asDouble() / rate);
    }
    JsonNode energy = run.path("energy");
    if (energy.has("joules")) {
      node.put("joules", energy.path("joules").asDouble());
      node.put("energy_method", energy.path("method").asText());
      node.put("energy_measured", energy.path("measured").asBoolean());
    }
  }

  private static void copy(ObjectNode node, String key, JsonNode value) {
    if (value.isNumber()) {
      node.set(key, value);
    }
  }

  private void putDifferences(List<Difference> differences, JsonNode first, JsonNode second) {
    var settings = json.putArray("configuration_differences");
    for (Difference difference : differences) {
      settings
          .addObject()
          .put("setting", difference.setting())
          .put("a", difference.a())
          .put("b", difference.b());
    }
    var environment = json.putArray("environment_differences");
    for (String name : differing(first, second)) {
      environment
          .addObject()
          .put("name", name)
          .put("a", first.path("environment").path(name).asText("unknown"))
          .put("b", second.path("environment").path(name).asText("unknown"));
    }
  }

  private static Set<String> differing(JsonNode first, JsonNode second) {
    Set<String> names = new TreeSet<>();
    first.path("environment").fieldNames().forEachRemaining(names::add);
    second.path("environment").fieldNames().forEachRemaining(names::add);
    names.removeIf(
        name -> first.path("environment").path(name).equals(second.path("environment").path(name)));
    return names;
  }

  private boolean sameWork(JsonNode first, JsonNode second) {
    List<String> others = new ArrayList<>();
    if (!first.path("model").equals(second.path("model"))) {
      others.add("models differ");
    }
    for (String key : List.of("steps", "tokens")) {
      if (!a.path(key).equals(b.path(key))) {
        others.add(
            String.format(
                Locale.ROOT, "%s %,d and %,d", key, a.path(key).asLong(), b.path(key).asLong()));
      }
    }
    if (!others.isEmpty()) {
      reasons.put("anything", "the runs did other work: " + String.join(", ", others));
    }
    return others.isEmpty();
  }

  private void saveCounts() {
    for (String key : List.of("flops", "bytes", "activation_bytes")) {
      if (a.has(key) && b.has(key)) {
        BigInteger difference = ExactJson.read(a.path(key)).subtract(ExactJson.read(b.path(key)));
        ExactJson.put(saved, key, difference);
      } else {
        reasons.put(key, "not counted in both runs");
      }
    }
  }

  /**
   * Unless the hardware differs.
   *
   * @param hardware what of it differs
   */
  private void saveTime(List<String> hardware) {
    if (!hardware.isEmpty()) {
      reasons.put("time", "another machine: " + String.join(", ", hardware));
      return;
    }
    for (String key : List.of("step_seconds", "median_step_seconds")) {
      if (a.has(key) && b.has(key)) {
        saved.put(key, a.path(key).asDouble() - b.path(key).asDouble());
      } else {
        reasons.put(key, "not measured in both runs");
      }
    }
  }

  private void saveEnergy(List<String> hardware) {
    String obstacle = energyObstacle();
    if (obstacle == null && !hardware.isEmpty()) {
      obstacle = "another machine: " + String.join(", ", hardware);
    }
    if (obstacle == null) {
      saved.put("joules", a.path("joules").asDouble() - b.path("joules").asDouble());
    } else {
      reasons.put("joules", obstacle);
    }
  }

  private @Nullable String energyObstacle() {
    if (!a.has("joules") || !b.has("joules")) {
      return "not metered in both runs";
    }
    if (!a.path("energy_measured").asBoolean() || !b.path("energy_measured").asBoolean()) {
      return "an estimate, not measured in both runs";
    }
    return a.path("energy_method").equals(b.path("energy_method"))
        ? null
        : "metered by %s and %s"
            .formatted(a.path("energy_method").asText(), b.path("energy_method").asText());
  }

  /** The object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** A table for people, lines ended by {@code \n}. */
  public String text() {
    StringBuilder text = new StringBuilder();
    row(text, "", "A: " + a.path("run_id").asText(), "B: " + b.path("run_id").asText(), "");
    for (String key : List.of("status", "precision")) {
      row(text, key, a.path(key).asText(), b.path(key).asText(), "");
    }
    row(text, "", "", "", "saved by B");
    number(text, "steps", "steps", 1, "");
    number(text, "steps that were skipped", "skipped_steps", 1, "");
    number(text, "tokens", "tokens", 1, "");
    number(text, "loss of the last step", "final_loss", 1, "");
    number(text, "loss on held-out text", "validation_loss", 1, "");
    number(text, "FLOPs", "flops", 1, "");
    number(text, "bytes moved", "bytes", 1, "");
    number(text, "bytes kept for backward", "activation_bytes", 1, "");
    number(text, "seconds of all steps", "step_seconds", 1, "s");
    number(text, "a step, median", "median_step_seconds", 1000, "ms");
    number(text, "energy", "joules", 1, "J");
    list(text, "Configured otherwise", "configuration_differences", "setting");
    list(text, "Environment", "environment_differences", "name");
    reasons.forEach(
        (what, why) ->
            text.append("No saving of ").append(what).append(": ").append(why).append('\n'));
    return text.toString();
  }

  private void number(StringBuilder text, String name, String key, double factor, String unit) {
    if (!a.has(key) && !b.has(key)) {
      return;
    }
    row(
        text,
        name,
        figure(a.path(key), factor, unit),
        figure(b.path(key), factor, unit),
        saved.has(key) ? saving(key, factor, unit) : "");
  }

  /** With its part of A's, in percent. */
  private String saving(String key, double factor, String unit) {
    double whole = value(a.path(key));
    double part = value(saved.path(key));
    String percent = whole == 0 ? "" : String.format(Locale.ROOT, " (%.1f %%)", 100 * part / whole);
    return figure(saved.path(key), factor, unit) + percent;
  }

  private static String figure(JsonNode value, double factor, String unit) {
    return value.isMissingNode()
        ? "unknown"
        : Figure.of(factor * value(value)) + (unit.isEmpty() ? "" : " " + unit);
  }

  private static double value(JsonNode value) {
    return value.isTextual() ? new BigInteger(value.asText()).doubleValue() : value.asDouble();
  }

  private void list(StringBuilder text, String title, String key, String name) {
    for (JsonNode difference : json.path(key)) {
      text.append(
              VisibleText.inLine(
                  "%s: %s %s in A, %s in B"
                      .formatted(
                          title,
                          difference.path(name).asText(),
                          difference.path("a").asText(),
                          difference.path("b").asText())))
          .append('\n');
    }
  }

  private static void row(StringBuilder text, String name, String a, String b, String saved) {
    String line = String.format(Locale.ROOT, "%-24s%-28s%-28s%s", name, a, b, saved);
    text.append(VisibleText.inLine(line.stripTrailing())).append('\n');
  }
}
