package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.ergometer.accounting.energy.CarbonIntensity;
import org.ergometer.accounting.energy.Cost;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.training.TrainingTotals;
import org.jspecify.annotations.Nullable;

/**
 * The parts {@code energy}, {@code emissions}, {@code cost} and {@code forecast} of a run's
 * summary; each is absent while it is unknown. Joules are whole microjoules in six decimals, so
 * that phases and domains add up to the total exactly.
 */
final class EnergyJson {

  private static final double MICRO = 1e6;

  private EnergyJson() {}

  static void put(ObjectNode json, RunFacts facts) {
    EnergyFacts energy = facts.energy();
    if (energy == null) {
      return;
    }
    if (energy.stoppedBy() != null) {
      json.put("stopped_by", energy.stoppedBy());
    }
    if (energy.metered().known()) {
      putEnergy(json.putObject("energy"), energy, facts);
    }
    if (energy.footprint().emissions() != null) {
      putEmissions(json.putObject("emissions"), energy);
    }
    Cost cost = energy.footprint().cost();
    if (cost != null) {
      json.putObject("cost").put("usd", cost.usd()).put("basis", cost.basis());
    }
    if (energy.forecast() != null) {
      putForecast(json.putObject("forecast"), energy.forecast());
    }
  }

  private static void putEnergy(ObjectNode node, EnergyFacts facts, RunFacts run) {
    EnergySnapshot metered = facts.metered();
    Map<String, Long> byPhase = metered.microjoulesByPhase(RunEnergy::isOfRun);
    long total = byPhase.values().stream().reduce(0L, Math::addExact);
    node.put("joules", joules(total));
    node.put("method", metered.method());
    node.put(
        "measured",
        metered.domains().stream()
            .filter(DomainEnergy::known)
            .allMatch(domain -> domain.domain().method().measured()));
    node.put("coverage", metered.coverage());
    ObjectNode phases = node.putObject("by_phase");
    ObjectNode deviations = node.putObject("by_phase_deviation");
    byPhase.forEach(
        (phase, energy) -> {
          phases.put(phase, joules(energy));
          deviations.put(phase, metered.deviationJoules(phase));
        });
    putRest(node, facts);
    putEfficiency(node, facts, run, total, byPhase);
    putDomains(node, metered);
  }

  /** What is not work of the run itself: its rests, and work that had to be done again. */
  private static void putRest(ObjectNode node, EnergyFacts facts) {
    if (facts.history().redoneMicrojoules() > 0) {
      node.put("redone_joules", facts.history().redoneJoules());
    }
    if (facts.history().restSeconds() > 0) {
      facts.metered().watts(RunEnergy.IDLE).ifPresent(watts -> node.put("idle_watts", watts));
      node.put("idle_seconds", facts.history().restSeconds());
    }
  }

  private static void putEfficiency(
      ObjectNode node, EnergyFacts facts, RunFacts run, long total, Map<String, Long> byPhase) {
    TrainingTotals totals = run.totals();
    if (totals.tokens() > 0) {
      node.put("joules_per_token", total / MICRO / totals.tokens());
      node.put("joules_per_step", total / MICRO / totals.steps());
    }
    LedgerSnapshot ledger = run.ledger();
    if (ledger != null && total > 0) {
      node.put("flops_per_joule", ledger.flops().doubleValue() / (total / MICRO));
      ObjectNode efficiency = node.putObject("flops_per_joule_by_phase");
      flopsByPhase(ledger)
          .forEach(
              (phase, flops) -> {
                long energy = byPhase.getOrDefault(phase, 0L);
                if (energy > 0 && flops > 0) {
                  efficiency.put(phase, flops / (energy / MICRO));
                }
              });
    }
    if (run.peak() != null && facts.fullLoadWatts() != null) {
      // At its peak a device draws its full power.
      node.put("best_flops_per_joule", run.peak().flopsPerSecond() / facts.fullLoadWatts());
    }
  }

  private static Map<String, Double> flopsByPhase(LedgerSnapshot ledger) {
    Map<String, Double> flops = new LinkedHashMap<>();
    ledger
        .entries()
        .forEach(
            entry -> flops.merge(entry.phase().label(), entry.flops().doubleValue(), Double::sum));
    return flops;
  }

  private static void putDomains(ObjectNode node, EnergySnapshot metered) {
    for (DomainEnergy energy : metered.domains()) {
      ObjectNode domain =
          node.withArray("domains")
              .addObject()
              .put("device", energy.domain().device())
              .put("domain", energy.domain().name())
              .put("method", energy.domain().method().label())
              .put("covers", energy.domain().covers());
      if (energy.known()) {
        domain.put("joules", joules(ofRun(energy)));
      }
      domain.put("coverage", energy.coverage());
      energy
          .dropped()
          .forEach(
              (reason, count) -> domain.withObject("samples_dropped").put(reason.label(), count));
    }
  }

  private static long ofRun(DomainEnergy energy) {
    return energy.microjoulesByPhase().entrySet().stream()
        .filter(phase -> RunEnergy.isOfRun(phase.getKey()))
        .mapToLong(Map.Entry::getValue)
        .reduce(0, Math::addExact);
  }

  private static void putEmissions(ObjectNode node, EnergyFacts facts) {
    if (facts.footprint().emissions() != null) {
      CarbonIntensity intensity = facts.footprint().emissions().intensity();
      node.put("co2e_grams", facts.footprint().emissions().grams());
      node.put("intensity_kg_per_kwh", intensity.kilogramsPerKilowattHour());
      node.put("intensity_source", intensity.source());
    }
    if (facts.tariff().region() != null) {
      node.put("region", facts.tariff().region().code());
    }
    node.put("pue", facts.footprint().pue().ratio());
  }

  private static void putForecast(ObjectNode node, Forecast forecast) {
    node.put("after_steps", forecast.steps());
    putRange(node, "seconds", forecast.seconds());
    if (forecast.flops() != null) {
      node.put("flops", forecast.flops());
    }
    putRange(node, "joules", forecast.joules());
    putRange(node, "co2e_grams", forecast.co2eGrams());
    putRange(node, "usd", forecast.usd());
  }

  private static void putRange(ObjectNode node, String key, Forecast.@Nullable Range range) {
    if (range != null) {
      ObjectNode bounds = node.putObject(key);
      for (Forecast.Bound bound : Forecast.Bound.values()) {
        bounds.put(bound.label(), range.at(bound));
      }
    }
  }

  private static double joules(long microjoules) {
    return microjoules / MICRO;
  }
}
