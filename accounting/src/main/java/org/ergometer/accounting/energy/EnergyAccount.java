package org.ergometer.accounting.energy;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Adds up the readings of one domain, by phase; not for several threads at once. */
final class EnergyAccount {

  /** A look that is late or missing leaves no hole, nor is less than this one. */
  private static final long SHORTEST_HOLE_NANOS = 1_250_000_000L;

  private static final double PERIODS_OF_A_HOLE = 2.5;
  private static final double NANOS_PER_SECOND = 1e9;

  private final EnergyDomain domain;
  private final List<String> phases;
  private final long longestCoveredNanos;
  private final PhaseShares shares;
  private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
  private final long[] spentAtStart;
  private long[] spentAtGain;
  private long[] spentNow;
  private long coveredNanos;

  /**
   * An account that begins now.
   *
   * @param periodNanos how often its meter is looked at; a hole that is longer than two and a half
   *     such periods leaves the energy exact, but nobody knows when it was drawn
   * @param spent nanoseconds in each phase until now
   */
  EnergyAccount(EnergyDomain domain, long periodNanos, List<String> phases, long[] spent) {
    this.domain = domain;
    this.longestCoveredNanos =
        Math.max(SHORTEST_HOLE_NANOS, Math.round(PERIODS_OF_A_HOLE * periodNanos));
    this.phases = phases;
    this.shares = new PhaseShares(phases.size());
    this.spentAtStart = spent;
    this.spentAtGain = spent;
    this.spentNow = spent;
  }

  /**
   * Books a reading.
   *
   * @param spent nanoseconds in each phase until now
   */
  void add(EnergyReading reading, long[] spent) {
    spentNow = spent;
    if (reading instanceof EnergyReading.Gain gain) {
      long covered = gain.toNanos() - gain.fromNanos();
      coveredNanos += covered <= longestCoveredNanos ? covered : 0;
      shares.add(gain.microjoules(), covered, difference(spent, spentAtGain));
      spentAtGain = spent;
    } else if (reading instanceof EnergyReading.Unavailable unavailable) {
      dropped.merge(unavailable.reason(), 1L, Long::sum);
      if (unavailable.reason() == DropReason.GAP
          || unavailable.reason() == DropReason.IMPLAUSIBLE) {
        // The meter begins anew here: the next gain is not about the time before.
        spentAtGain = spent;
      }
    }
  }

  /** Whether there was a sample with energy. */
  boolean known() {
    return coveredNanos > 0;
  }

  /** Energy in the phases that are wanted. */
  long microjoules(Predicate<String> wanted) {
    long[] microjoules = shares.microjoules();
    long sum = 0;
    for (int phase = 0; phase < microjoules.length; phase++) {
      sum += wanted.test(phases.get(phase)) ? microjoules[phase] : 0;
    }
    return sum;
  }

  DomainEnergy snapshot() {
    long[] microjoules = shares.microjoules();
    double[] deviation = shares.deviationJoules();
    double[] metered = shares.seconds();
    long[] spent = difference(spentNow, spentAtStart);
    Map<String, Long> energy = new LinkedHashMap<>();
    Map<String, Double> deviations = new LinkedHashMap<>();
    Map<String, Double> seconds = new LinkedHashMap<>();
    double all = 0;
    for (int phase = 0; phase < spent.length; phase++) {
      all += spent[phase] / NANOS_PER_SECOND;
      if (spent[phase] > 0 || microjoules[phase] > 0) {
        energy.put(phases.get(phase), microjoules[phase]);
        deviations.put(phases.get(phase), deviation[phase]);
        seconds.put(phases.get(phase), metered[phase]);
      }
    }
    return new DomainEnergy(
        domain, all, coveredNanos / NANOS_PER_SECOND, energy, deviations, seconds, dropped);
  }

  private static long[] difference(long[] later, long[] earlier) {
    long[] difference = new long[later.length];
    for (int phase = 0; phase < difference.length; phase++) {
      difference[phase] = later[phase] - earlier[phase];
    }
    return difference;
  }
}
