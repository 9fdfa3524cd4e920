package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ergometer.accounting.energy.Emissions;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.GridRegion;
import org.ergometer.accounting.energy.KilowattHours;
import org.ergometer.accounting.energy.PowerUsageEffectiveness;
import org.ergometer.accounting.utilization.ComputeClaim;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.MatrixType;
import org.jspecify.annotations.Nullable;

/** A footprint as JSON, schema {@code ergometer.footprint/1}, and as text. */
public final class FootprintReport {

  private static final double GRAMS_PER_TONNE = 1e6;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<String> lines = new ArrayList<>();

  /**
   * The report of a footprint.
   *
   * @param watts of one device, if energy was computed from them
   * @param rated the device whose rated power they are; null if they were measured
   * @param region whose intensity was used; null if it was given
   */
  public FootprintReport(
      Footprint footprint,
      @Nullable Double deviceHours,
      @Nullable Double watts,
      @Nullable Device rated,
      @Nullable GridRegion region) {
    json.put("schema", "ergometer.footprint/1");
    addEnergy(footprint, deviceHours, watts, rated);
    if (footprint.emissions() != null) {
      addEmissions(footprint.emissions(), region);
    }
    if (footprint.cost() != null) {
      json.put("usd", footprint.cost().usd());
      add("price", "%,.2f USD", footprint.cost().usd());
      add("", "%s", footprint.cost().basis());
    }
  }

  /**
   * Holds a claim against what a device can do, or, if none is named, the most efficient one that
   * is known.
   *
   * @param type of the matrix products; null for the device's fastest
   * @return why the claim cannot be true; empty where nothing speaks against it
   */
  public List<String> hold(ComputeClaim claim, @Nullable Device named, @Nullable MatrixType type) {
    Device device = named == null ? Device.mostEfficient() : named;
    MatrixType in = type == null ? device.fastestType() : type;
    double peak = device.peak(in).orElseThrow();
    OptionalDouble least = device.leastJoulesPerFlop(in);
    List<String> contradictions =
        claim.contradictions("%s in %s".formatted(device.name(), in.label()), peak, least);
    ObjectNode node = json.putObject("claim");
    node.put("flops", claim.flops()).put("device", device.name()).put("dtype", in.label());
    node.put("peak_flops_per_second", peak);
    claim.joulesPerFlop().ifPresent(value -> node.put("joules_per_flop", value));
    least.ifPresent(value -> node.put("least_joules_per_flop", value));
    if (named != null) {
      claim.utilization(peak).ifPresent(value -> node.put("utilization", value));
    }
    node.put("possible", contradictions.isEmpty());
    contradictions.forEach(node.putArray("contradictions")::add);
    claim.joulesPerFlop().ifPresent(value -> add("energy of a FLOP", "%.4g J", value));
    if (named != null) {
      claim
          .utilization(peak)
          .ifPresent(value -> add("utilization", "%.1f %% of %s", 100 * value, device.name()));
    }
    contradictions.forEach(line -> add("claims", "%s", line));
    return contradictions;
  }

  /** One JSON object over several lines, with a line end. */
  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** A line for each figure, and how it was computed. */
  public String text() {
    return "Footprint\n" + String.join("\n", lines) + "\n";
  }

  private void addEnergy(
      Footprint footprint,
      @Nullable Double deviceHours,
      @Nullable Double watts,
      @Nullable Device rated) {
    Double joules = footprint.facilityJoules();
    if (joules != null) {
      json.put("energy_joules", joules);
      json.put("energy_kwh", KilowattHours.ofJoules(joules));
      add("energy", "%s kWh", Figure.of(KilowattHours.ofJoules(joules)));
    }
    if (deviceHours != null) {
      json.put("device_hours", deviceHours);
      add("", "%s device-hours", Figure.of(deviceHours));
    }
    if (watts != null) {
      json.put("watts", watts);
      String basis = rated == null ? "given" : "rated power of " + rated.name() + ", an estimate";
      json.put("watts_basis", rated == null ? "given" : "rated");
      add("", "%s W each: %s", Figure.of(watts), basis);
    }
    if (joules != null) {
      boolean devicesAlone = footprint.pue().equals(PowerUsageEffectiveness.NONE);
      json.put("pue", footprint.pue().ratio());
      add(
          "",
          devicesAlone ? "PUE 1: the devices alone" : "PUE %s",
          Figure.of(footprint.pue().ratio()));
    }
  }

  private void addEmissions(Emissions emissions, @Nullable GridRegion region) {
    double grams = emissions.grams();
    json.put("co2e_grams", grams);
    json.put("intensity_kg_per_kwh", emissions.intensity().kilogramsPerKilowattHour());
    if (region != null) {
      json.put("region", region.code());
    }
    json.put("intensity_source", emissions.intensity().source());
    if (grams >= GRAMS_PER_TONNE) {
      add("emissions", "%s t CO2e", Figure.of(grams / GRAMS_PER_TONNE));
    } else {
      add("emissions", "%s g CO2e", Figure.of(grams));
    }
    add(
        "",
        "%s kg/kWh: %s",
        Figure.of(emissions.intensity().kilogramsPerKilowattHour()),
        emissions.intensity().source());
  }

  private void add(String name, String format, @Nullable Object... values) {
    lines.add(
        String.format(Locale.ROOT, "  %-18s", name) + String.format(Locale.ROOT, format, values));
  }
}
