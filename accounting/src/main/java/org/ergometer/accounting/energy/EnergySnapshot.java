package org.ergometer.accounting.energy;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The energy of a process at one instant. The domains do not overlap, and the phases of a domain
 * add up to it exactly.
 *
 * @param domains those that are metered, whether they gave a sample or not
 */
public record EnergySnapshot(List<DomainEnergy> domains) {

  private static final double MICRO = 1e6;

  public EnergySnapshot {
    domains = List.copyOf(domains);
  }

  /** Whether any energy is known. */
  public boolean known() {
    return domains.stream().anyMatch(DomainEnergy::known);
  }

  /** Microjoules by phase over all domains that are known, for the phases that are wanted. */
  public Map<String, Long> microjoulesByPhase(Predicate<String> wanted) {
    Map<String, Long> sums = new LinkedHashMap<>();
    for (DomainEnergy domain : domains) {
      if (domain.known()) {
        domain
            .microjoulesByPhase()
            .forEach(
                (phase, energy) -> {
                  if (wanted.test(phase)) {
                    sums.merge(phase, energy, Math::addExact);
                  }
                });
      }
    }
    return sums;
  }

  /** Joules over the phases that are wanted; empty while unknown. */
  public OptionalDouble joules(Predicate<String> wanted) {
    long sum = microjoulesByPhase(wanted).values().stream().reduce(0L, Math::addExact);
    return known() ? OptionalDouble.of(sum / MICRO) : OptionalDouble.empty();
  }

  /** One standard deviation of a phase's joules, the domains taken for independent. */
  public double deviationJoules(String phase) {
    double squares = 0;
    for (DomainEnergy domain : domains) {
      double deviation = domain.known() ? domain.deviationByPhase().getOrDefault(phase, 0.0) : 0;
      squares += deviation * deviation;
    }
    return Math.sqrt(squares);
  }

  /**
   * Mean power since an earlier snapshot in the phases that are wanted: of each domain its joules
   * by the time that their samples cover. Empty until every domain that is known gave a sample
   * since.
   */
  public OptionalDouble wattsSince(EnergySnapshot earlier, Predicate<String> wanted) {
    Map<EnergyDomain, DomainEnergy> before = new HashMap<>();
    earlier.domains.forEach(domain -> before.put(domain.domain(), domain));
    double watts = 0;
    for (DomainEnergy domain : domains) {
      DomainEnergy then = before.get(domain.domain());
      double seconds = domain.seconds(wanted) - (then == null ? 0 : then.seconds(wanted));
      if (domain.known() && seconds <= 0) {
        return OptionalDouble.empty();
      }
      if (domain.known()) {
        long gained = domain.microjoules(wanted) - (then == null ? 0 : then.microjoules(wanted));
        watts += gained / MICRO / seconds;
      }
    }
    return known() ? OptionalDouble.of(watts) : OptionalDouble.empty();
  }

  /** Mean power in a phase; empty if it took no time or no energy is known. */
  public OptionalDouble watts(String phase) {
    double watts = 0;
    boolean any = false;
    for (DomainEnergy domain : domains) {
      double seconds = domain.secondsByPhase().getOrDefault(phase, 0.0);
      if (domain.known() && seconds > 0) {
        watts += domain.microjoulesByPhase().getOrDefault(phase, 0L) / MICRO / seconds;
        any = true;
      }
    }
    return any ? OptionalDouble.of(watts) : OptionalDouble.empty();
  }

  /** The least coverage of all domains, 0 to 1: a sum is no better than its weakest part. */
  public double coverage() {
    return domains.stream().mapToDouble(DomainEnergy::coverage).min().orElse(0);
  }

  /** How the figures were obtained: {@code rapl}, or several joined by a plus sign. */
  public String method() {
    return domains.stream()
        .filter(DomainEnergy::known)
        .map(domain -> domain.domain().method())
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .map(EnergyMethod::label)
        .collect(Collectors.joining("+"));
  }

  /** Samples without energy over all domains, by reason. */
  public Map<DropReason, Long> dropped() {
    Map<DropReason, Long> sums = new EnumMap<>(DropReason.class);
    domains.forEach(
        domain ->
            domain.dropped().forEach((reason, count) -> sums.merge(reason, count, Long::sum)));
    return sums;
  }
}
