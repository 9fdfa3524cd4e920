package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.energy.PublishedFootprint;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.PublishedCompute;
import org.ergometer.accounting.predict.PublishedUtilization;
import org.jspecify.annotations.Nullable;

/**
 * Published figures beside ours as JSON, schema {@code ergometer.published/1}, and as text:
 * training compute and utilization under the convention that agrees, energy and emissions, and
 * parameters of every preset.
 */
public final class PublishedReport {

  private static final double GRAMS_PER_TONNE = 1e6;
  private static final double KILOWATT_HOURS_PER_MEGAWATT_HOUR = 1e3;

  /** What stands behind the figures of a row. */
  private static final String BEHIND = "convention; note; source";

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> lines = new ArrayList<>();

  /** The report of every figure that is known. */
  public PublishedReport() {
    json.put("schema", "ergometer.published/1");
    ArrayNode compute = json.putArray("compute");
    add("Training compute");
    add("  %-20s%12s%12s%9s  %s", "", "published", "ours", "error", BEHIND);
    PublishedCompute.all().forEach(figure -> addCompute(compute, figure));
    addUtilizations(json.putArray("utilization"));
    addFootprints(json.putArray("footprint"));
    ArrayNode presets = json.putArray("presets");
    add("");
    add("Parameters of the presets");
    add("  %-26s%18s%18s%9s  %s", "", "published", "ours", "error", "note; source");
    Preset.all().forEach(preset -> addPreset(presets, preset));
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** Tables for people. */
  public String text() {
    return String.join("\n", lines) + "\n";
  }

  private void addCompute(ArrayNode rows, PublishedCompute figure) {
    Map<String, BigInteger> all = figure.ours();
    BigInteger ours = all.get(figure.convention());
    if (ours == null) {
      throw new IllegalStateException(
          "%s names the convention %s, which its row does not allow"
              .formatted(figure.label(), figure.convention()));
    }
    double published = figure.flops().doubleValue();
    double error = ours.doubleValue() / published - 1;
    ObjectNode row = rows.addObject().put("model", figure.label()).put("published", published);
    ExactJson.put(row, "ours", ours);
    row.put("error", error).put("convention", figure.convention());
    ExactJson.putAll(row, "conventions", all);
    putNote(row, figure.note(), figure.source());
    add(
        "  %-20s%12s%12s%+8.2f%%  %s",
        figure.label(),
        Figure.power(published),
        Figure.power(ours.doubleValue()),
        100 * error,
        joined(figure.convention(), figure.note(), figure.source()));
  }

  private void addUtilizations(ArrayNode rows) {
    add("");
    add("Utilization");
    add("  %-32s%-22s%9s%9s%9s  %s", "", "", "published", "ours", "error", BEHIND);
    for (PublishedUtilization row : PublishedUtilization.all()) {
      double published = row.printed().doubleValue();
      double error = row.ours() / published - 1;
      ObjectNode node = rows.addObject().put("model", row.label()).put("figure", row.figure());
      node.put("published", published).put("ours", row.ours()).put("error", error);
      node.put("convention", row.convention());
      putNote(node, row.note(), row.source());
      add(
          "  %-32s%-22s%8.1f%%%8.1f%%%+8.2f%%  %s",
          row.label(),
          row.figure(),
          100 * published,
          100 * row.ours(),
          100 * error,
          joined(row.convention(), row.note(), row.source()));
    }
  }

  private void addFootprints(ArrayNode rows) {
    add("");
    add("Energy and emissions, from device-hours, watts, PUE and intensity of the source");
    add("  %-28s%12s%12s%9s  %s", "", "published", "ours", "error", "note; source");
    for (PublishedFootprint row : PublishedFootprint.all()) {
      addFootprint(rows, row, "energy_kwh", "MWh", row.megawattHours(), row.ourMegawattHours());
      addFootprint(rows, row, "co2e_grams", "t", row.tonnes(), row.ourTonnes());
    }
  }

  /** One figure of a footprint, if it was published. */
  private void addFootprint(
      ArrayNode rows,
      PublishedFootprint row,
      String figure,
      String unit,
      @Nullable BigDecimal printed,
      @Nullable Double ours) {
    if (printed == null || ours == null) {
      return;
    }
    double scale = unit.equals("t") ? GRAMS_PER_TONNE : KILOWATT_HOURS_PER_MEGAWATT_HOUR;
    double published = printed.doubleValue();
    double error = ours / published - 1;
    ObjectNode node = rows.addObject().put("model", row.label()).put("figure", figure);
    node.put("published", published * scale).put("ours", ours * scale).put("error", error);
    putNote(node, row.note(), row.source());
    add(
        "  %-28s%8s %-3s%8.5g %-3s%+8.2f%%  %s",
        row.label(),
        printed.toPlainString(),
        unit,
        ours,
        unit,
        100 * error,
        joined(row.note(), row.source()));
  }

  private void addPreset(ArrayNode rows, Preset preset) {
    double published = preset.parameters().doubleValue();
    long ours = preset.shape().parameters();
    double error = ours / published - 1;
    ObjectNode row = rows.addObject().put("preset", preset.name()).put("published", published);
    row.put("exact", preset.exact()).put("ours", ours).put("error", error);
    putNote(row, preset.note(), preset.source());
    add(
        "  %-26s%18s%18s%+8.2f%%  %s",
        preset.name(),
        preset.exact()
            ? String.format(Locale.ROOT, "%,d", preset.parameters().longValueExact())
            : Figure.count(published),
        String.format(Locale.ROOT, "%,d", ours),
        100 * error,
        joined(preset.note(), preset.source()));
  }

  private static void putNote(ObjectNode row, String note, String source) {
    if (!note.isEmpty()) {
      row.put("note", note);
    }
    row.put("source", source);
  }

  private static String joined(String... parts) {
    return String.join("; ", List.of(parts).stream().filter(part -> !part.isEmpty()).toList());
  }

  private void add(String format, Object... values) {
    lines.add(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
