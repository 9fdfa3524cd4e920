package org.ergometer.accounting.energy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

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

  /** Energy over all phases, in millionths of a joule. */
  public long microjoules() {
    return microjoulesByPhase.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Part of the time that real samples cover, 0 to 1. */
  public double coverage() {
    return seconds > 0 ? Math.min(1, coveredSeconds / seconds) : 0;
  }
}
