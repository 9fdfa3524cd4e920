package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.energy.Forecast;
import org.jspecify.annotations.Nullable;

/** Energy, emissions and money of a run as text for people. */
public final class EnergyText {

  private static final int SECONDS_PER_HOUR = 3600;

  private EnergyText() {}

  /** The forecast in one line, the range in brackets. */
  public static String of(Forecast forecast) {
    List<String> parts = new ArrayList<>();
    Forecast.Range time = forecast.seconds();
    parts.add(
        "%s (%s to %s)"
            .formatted(duration(time.expected()), duration(time.low()), duration(time.high())));
    if (forecast.flops() != null) {
      parts.add(Figure.power(forecast.flops()) + " FLOP");
    }
    add(parts, forecast.joules(), "J");
    add(parts, forecast.co2eGrams(), "g CO2e");
    add(parts, forecast.usd(), "USD");
    return "after %s steps the whole run is expected to take %s"
        .formatted(forecast.steps(), String.join(", ", parts));
  }

  private static void add(List<String> parts, Forecast.@Nullable Range range, String unit) {
    if (range != null) {
      parts.add(
          "%s %s (%s to %s)"
              .formatted(
                  Figure.of(range.expected()),
                  unit,
                  Figure.of(range.low()),
                  Figure.of(range.high())));
    }
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", whole / SECONDS_PER_HOUR, whole / 60 % 60, whole % 60);
  }

  /** The lines of a report, each ended by {@code \n}; empty where nothing is known. */
  static String of(JsonNode summary) {
    JsonNode energy = summary.path("energy");
    StringBuilder text = new StringBuilder();
    if (energy.has("joules")) {
      appendEnergy(text, energy);
    }
    JsonNode emissions = summary.path("emissions");
    if (emissions.has("co2e_grams")) {
      line(
          text,
          "  emissions  %s g CO2e, at %s kg/kWh (%s), PUE %s",
          Figure.of(emissions.path("co2e_grams").asDouble()),
          emissions.path("intensity_kg_per_kwh").asText(),
          emissions.path("intensity_source").asText(),
          emissions.path("pue").asText());
    }
    JsonNode cost = summary.path("cost");
    if (cost.has("usd")) {
      line(
          text,
          "  cost       %s USD, at %s",
          Figure.of(cost.path("usd").asDouble()),
          cost.path("basis").asText());
    }
    if (summary.has("stopped_by")) {
      line(text, "  stopped    %s", summary.path("stopped_by").asText());
    }
    return text.length() == 0 ? "" : "\nEnergy, emissions and money\n" + text;
  }

  /** A summary's forecast in one line; empty where there is none. */
  static String forecast(JsonNode forecast) {
    if (!forecast.has("seconds")) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    parts.add(duration(forecast.path("seconds").path("expected").asDouble()));
    if (forecast.has("flops")) {
      parts.add(Figure.power(forecast.path("flops").asDouble()) + " FLOP");
    }
    if (forecast.has("joules")) {
      parts.add(Figure.of(forecast.path("joules").path("expected").asDouble()) + " J");
    }
    return "Forecast after step %s: %s\n"
        .formatted(forecast.path("after_steps").asText(), String.join(", ", parts));
  }

  private static void appendEnergy(StringBuilder text, JsonNode energy) {
    line(
        text,
        "  energy     %s J, %s by %s; samples cover %.1f %% of the time",
        Figure.of(energy.path("joules").asDouble()),
        energy.path("measured").asBoolean() ? "measured" : "an estimate",
        energy.path("method").asText(),
        100 * energy.path("coverage").asDouble());
    for (JsonNode domain : energy.path("domains")) {
      line(
          text,
          "  %-10s %s J: %s",
          domain.path("domain").asText(),
          domain.has("joules") ? Figure.of(domain.path("joules").asDouble()) : "unknown",
          domain.path("covers").asText());
    }
    if (energy.has("idle_watts")) {
      line(
          text,
          "  at rest    %.2f W before training, metered for %.1f s; not subtracted",
          energy.path("idle_watts").asDouble(),
          energy.path("idle_seconds").asDouble());
    }
    if (energy.has("redone_joules")) {
      line(
          text,
          "  redone     %s J of it went into work that a stopped process had not saved",
          Figure.of(energy.path("redone_joules").asDouble()));
    }
    energy
        .path("by_phase")
        .properties()
        .forEach(
            phase ->
                line(
                    text,
                    "  %-10s %s J, +- %s%s",
                    KnownNames.phase(phase.getKey()),
                    Figure.of(phase.getValue().asDouble()),
                    Figure.of(energy.path("by_phase_deviation").path(phase.getKey()).asDouble()),
                    flopsAJoule(energy, phase.getKey())));
    if (energy.has("joules_per_token")) {
      line(
          text,
          "  a token    %s J; a step %s J",
          Figure.of(energy.path("joules_per_token").asDouble()),
          Figure.of(energy.path("joules_per_step").asDouble()));
    }
    if (energy.has("flops_per_joule")) {
      line(text, "  a joule    %s", efficiency(energy));
    }
  }

  private static String flopsAJoule(JsonNode energy, String phase) {
    JsonNode flops = energy.path("flops_per_joule_by_phase").path(phase);
    return flops.isMissingNode()
        ? ""
        : "; %s FLOP a joule".formatted(Figure.power(flops.asDouble()));
  }

  private static String efficiency(JsonNode energy) {
    String flops = Figure.power(energy.path("flops_per_joule").asDouble()) + " FLOP";
    return energy.has("best_flops_per_joule")
        ? "%s; at its peak the processor does %s"
            .formatted(flops, Figure.power(energy.path("best_flops_per_joule").asDouble()))
        : flops;
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
