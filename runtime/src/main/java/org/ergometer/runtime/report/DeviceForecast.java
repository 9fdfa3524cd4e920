package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.energy.CarbonIntensity;
import org.ergometer.accounting.energy.Cost;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.KilowattHours;
import org.ergometer.accounting.energy.PowerUsageEffectiveness;
import org.ergometer.accounting.utilization.Peak;
import org.jspecify.annotations.Nullable;

/**
 * What so many FLOPs take on devices of a known peak: time, and as far as it is said energy,
 * emissions and price. All of it stands on the utilization, and is an estimate.
 *
 * @param utilization part of the peak that is used, 0 to 1
 * @param assumed whether nobody said that utilization
 * @param watts mean power of one device; null if unknown
 * @param rated whether that is the power on the data sheet
 * @param usdPerDeviceHour null if unknown
 */
public record DeviceForecast(
    Peak peak,
    double utilization,
    boolean assumed,
    double devices,
    @Nullable Double watts,
    boolean rated,
    PowerUsageEffectiveness pue,
    @Nullable CarbonIntensity intensity,
    @Nullable Double usdPerDeviceHour) {

  private static final double SECONDS_PER_HOUR = 3600;
  private static final double SECONDS_PER_DAY = 86_400;

  double seconds(double flops) {
    return flops / (devices * peak.flopsPerSecond() * utilization);
  }

  Footprint footprint(double flops) {
    double deviceHours = devices * seconds(flops) / SECONDS_PER_HOUR;
    return Footprint.of(
        watts == null ? null : (Double) Footprint.joules(deviceHours, watts),
        pue,
        intensity,
        usdPerDeviceHour == null ? null : Cost.ofDeviceHours(deviceHours, usdPerDeviceHour));
  }

  /** The objects {@code time}, {@code energy}, {@code emissions} and {@code cost}. */
  void put(ObjectNode json, double flops) {
    json.putObject("time")
        .put("seconds", seconds(flops))
        .put("utilization", utilization)
        .put("devices", devices)
        .put("utilization_basis", assumed ? "assumed" : "given")
        .put("peak_flops_per_second", peak.flopsPerSecond())
        .put("peak_source", peak.origin().label());
    Footprint footprint = footprint(flops);
    Double joules = footprint.facilityJoules();
    if (joules != null && watts != null) {
      json.putObject("energy")
          .put("joules", joules)
          .put("watts", watts)
          .put("watts_basis", rated ? "rated" : "given")
          .put("pue", pue.ratio());
    }
    if (footprint.emissions() != null) {
      json.putObject("emissions")
          .put("co2e_grams", footprint.emissions().grams())
          .put("intensity_kg_per_kwh", footprint.emissions().intensity().kilogramsPerKilowattHour())
          .put("intensity_source", footprint.emissions().intensity().source());
    }
    if (footprint.cost() != null) {
      json.putObject("cost").put("usd", footprint.cost().usd());
    }
  }

  /** The same as lines for people. */
  List<String> lines(double flops) {
    List<String> lines = new ArrayList<>();
    double seconds = seconds(flops);
    lines.add(
        format(
            "  %-12s %s on %s at %s %% of %s FLOP/s (%s; utilization %s)",
            "time",
            duration(seconds),
            devices == 1 ? "1 device" : Figure.of(devices) + " devices",
            Figure.of(100 * utilization),
            Figure.power(peak.flopsPerSecond()),
            peak.description(),
            assumed ? "assumed" : "given"));
    Footprint footprint = footprint(flops);
    Double joules = footprint.facilityJoules();
    if (joules != null && watts != null) {
      lines.add(
          format(
              "  %-12s %s kWh: %s W each (%s), PUE %s",
              "energy",
              Figure.of(KilowattHours.ofJoules(joules)),
              Figure.of(watts),
              rated ? "rated power" : "given",
              Figure.of(pue.ratio())));
    }
    if (footprint.emissions() != null) {
      lines.add(
          format(
              "  %-12s %s kg CO2e: %s kg/kWh (%s)",
              "emissions",
              Figure.of(footprint.emissions().grams() / 1000),
              Figure.of(footprint.emissions().intensity().kilogramsPerKilowattHour()),
              footprint.emissions().intensity().source()));
    }
    if (footprint.cost() != null) {
      lines.add(
          format(
              "  %-12s %,.2f USD: %s", "price", footprint.cost().usd(), footprint.cost().basis()));
    }
    return lines;
  }

  private static String duration(double seconds) {
    if (seconds < 2 * SECONDS_PER_HOUR) {
      return Figure.of(seconds) + " s";
    }
    return seconds < 2 * SECONDS_PER_DAY
        ? Figure.of(seconds / SECONDS_PER_HOUR) + " h"
        : Figure.of(seconds / SECONDS_PER_DAY) + " days";
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
