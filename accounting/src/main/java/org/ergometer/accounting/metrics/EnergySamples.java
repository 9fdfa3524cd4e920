package org.ergometer.accounting.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.energy.Cost;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.EnergyMethod;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.op.Phase;
import org.jspecify.annotations.Nullable;

/** The samples of energy, emissions, money and their forecast; what is unknown has none. */
final class EnergySamples {

  private static final double MICRO = 1e6;

  private final List<Sample> samples = new ArrayList<>();

  private EnergySamples() {}

  static List<Sample> of(EnergyState state) {
    EnergySamples samples = new EnergySamples();
    samples.addDomains(state.process().domains());
    state
        .process()
        .dropped()
        .forEach(
            (reason, count) ->
                samples.add(Metric.ENERGY_SAMPLES_DROPPED, (double) count, reason.label()));
    if (state.footprint().emissions() != null) {
      samples.add(Metric.EMISSIONS, state.footprint().emissions().grams());
    }
    Cost cost = state.footprint().cost();
    if (cost != null) {
      samples.add(Metric.COST, cost.usd());
    }
    if (state.runJoules() != null) {
      samples.add(Metric.RUN_ENERGY, state.runJoules());
    }
    Forecast forecast = state.forecast();
    if (forecast != null) {
      samples.addRange(Metric.FORECAST_TIME, forecast.seconds());
      samples.addRange(Metric.FORECAST_ENERGY, forecast.joules());
      samples.addRange(Metric.FORECAST_EMISSIONS, forecast.co2eGrams());
      samples.addRange(Metric.FORECAST_COST, forecast.usd());
    }
    return samples.samples;
  }

  private void addDomains(List<DomainEnergy> domains) {
    Map<EnergyMethod, Map<String, Long>> phases = new LinkedHashMap<>();
    for (DomainEnergy energy : domains) {
      add(Metric.ENERGY_COVERAGE, energy.coverage(), energy.domain().name());
      if (energy.known()) {
        EnergyMethod method = energy.domain().method();
        add(
            Metric.ENERGY,
            energy.microjoules() / MICRO,
            energy.domain().device(),
            energy.domain().name(),
            method.label());
        Map<String, Long> byPhase = phases.computeIfAbsent(method, key -> nothing());
        energy
            .microjoulesByPhase()
            .forEach((phase, gained) -> byPhase.merge(phase, gained, Math::addExact));
      }
    }
    phases.forEach(
        (method, byPhase) ->
            byPhase.forEach(
                (phase, gained) ->
                    add(Metric.PHASE_ENERGY, gained / MICRO, phase, method.label())));
  }

  /** Phases of every run, so that their counters begin at 0 and not at their first value. */
  private static Map<String, Long> nothing() {
    Map<String, Long> byPhase = new LinkedHashMap<>();
    for (Phase phase : Phase.values()) {
      if (phase != Phase.RECOMPUTE) {
        byPhase.put(phase.label(), 0L);
      }
    }
    return byPhase;
  }

  private void addRange(Metric metric, Forecast.@Nullable Range range) {
    if (range != null) {
      for (Forecast.Bound bound : Forecast.Bound.values()) {
        add(metric, range.at(bound), bound.label());
      }
    }
  }

  private void add(Metric metric, double value, String... labels) {
    samples.add(Sample.of(metric, value, List.of(labels)));
  }
}
