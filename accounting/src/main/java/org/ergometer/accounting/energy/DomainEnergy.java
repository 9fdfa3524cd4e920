package org.ergometer.accounting.energy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;

/**
 * What is known of the energy of one domain.
 *
 * @param seconds that it was metered for
 * @param coveredSeconds of these, those that lie between two samples at most a second apart
 * @param microjoulesByPhase whole microjoules; absent phases took no time
 * @param deviationByPhase one standard deviation in joules
 * @param secondsByPhase time in each phase that the energy belongs to, dropped samples left out
 * @param dropped samples without energy, by reason
 */
public record DomainEnergy(
    EnergyDomain domain,
    double seconds,
    double coveredSeconds,
    Map<String, Long> microjoulesByPhase,
    Map<String, Double> deviationByPhase,
    Map<String, Double> secondsByPhase,
    Map<DropReason, Long> dropped) {

  public DomainEnergy {
    microjoulesByPhase = Collections.unmodifiableMap(new LinkedHashMap<>(microjoulesByPhase));
    deviationByPhase = Collections.unmodifiableMap(new LinkedHashMap<>(deviationByPhase));
    secondsByPhase = Collections.unmodifiableMap(new LinkedHashMap<>(secondsByPhase));
    dropped = Collections.unmodifiableMap(new LinkedHashMap<>(dropped));
  }

  /** Whether there was a single sample with energy; without, nothing is known. */
  public boolean known() {
    return coveredSeconds > 0;
  }

  /** Microjoules over the phases that are wanted. */
  long microjoules(Predicate<String> wanted) {
    return microjoulesByPhase.entrySet().stream()
        .filter(phase -> wanted.test(phase.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Seconds of the phases that are wanted which that energy belongs to. */
  double seconds(Predicate<String> wanted) {
    return secondsByPhase.entrySet().stream()
        .filter(phase -> wanted.test(phase.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** The same domain through another stretch of time too; its words are those of the later. */
  public DomainEnergy plus(DomainEnergy later) {
    Map<String, Double> deviations = new LinkedHashMap<>(deviationByPhase);
    later.deviationByPhase.forEach(
        (phase, deviation) -> deviations.merge(phase, deviation, Math::hypot));
    return new DomainEnergy(
        later.domain,
        seconds + later.seconds,
        coveredSeconds + later.coveredSeconds,
        sum(microjoulesByPhase, later.microjoulesByPhase, Math::addExact),
        deviations,
        sum(secondsByPhase, later.secondsByPhase, Double::sum),
        sum(dropped, later.dropped, Math::addExact));
  }

  /** The same energy over a time that was longer by seconds in which nobody metered it. */
  public DomainEnergy unmetered(double more) {
    return new DomainEnergy(
        domain,
        seconds + more,
        coveredSeconds,
        microjoulesByPhase,
        deviationByPhase,
        secondsByPhase,
        dropped);
  }

  private static <K, V> Map<K, V> sum(Map<K, V> left, Map<K, V> right, BinaryOperator<V> sum) {
    Map<K, V> sums = new LinkedHashMap<>(left);
    right.forEach((key, value) -> sums.merge(key, value, sum));
    return sums;
  }

  /** Energy over all phases, in millionths of a joule. */
  public long microjoules() {
    return microjoulesByPhase.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Part of the time that real samples cover, 0 to 1. */
  public double coverage() {
    return seconds > 0 ? Math.min(1, coveredSeconds / seconds) : 0;
  }
}
