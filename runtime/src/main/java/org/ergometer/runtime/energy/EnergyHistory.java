package org.ergometer.runtime.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.EnergySnapshot;

/**
 * The energy of one or more processes of a run.
 *
 * @param metered everything, the rests before training included
 * @param restNanos of these rests
 * @param runNanos wall clock of the processes after their rests, whether energy was known or not
 * @param redoneMicrojoules the part that went into work which was lost with a process
 */
public record EnergyHistory(
    EnergySnapshot metered, long restNanos, long runNanos, long redoneMicrojoules) {

  /** Of no process. */
  public static final EnergyHistory NONE =
      new EnergyHistory(new EnergySnapshot(List.of()), 0, 0, 0);

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICRO = 1e6;

  /**
   * Both together. A domain that only one of the two metered keeps its energy, and its coverage
   * falls by the time of the other.
   */
  public EnergyHistory plus(EnergyHistory later) {
    List<DomainEnergy> domains = new ArrayList<>();
    for (DomainEnergy own : metered.domains()) {
      domains.add(
          later.find(own).map(own::plus).orElseGet(() -> own.unmetered(later.allSeconds())));
    }
    for (DomainEnergy theirs : later.metered.domains()) {
      if (find(theirs).isEmpty()) {
        domains.add(theirs.unmetered(allSeconds()));
      }
    }
    return new EnergyHistory(
        new EnergySnapshot(domains),
        restNanos + later.restNanos,
        runNanos + later.runNanos,
        redoneMicrojoules + later.redoneMicrojoules);
  }

  private Optional<DomainEnergy> find(DomainEnergy wanted) {
    return metered.domains().stream()
        .filter(domain -> domain.domain().isSameAs(wanted.domain()))
        .findFirst();
  }

  private double allSeconds() {
    return (restNanos + runNanos) / NANOS_PER_SECOND;
  }

  /**
   * The same, with what was drawn for lost work.
   *
   * @param saved what was known when the checkpoint was saved that the run goes on from
   * @param lost whether steps were done after it
   */
  public EnergyHistory goingOnFrom(EnergyHistory saved, boolean lost) {
    long since = lost ? Math.max(0, microjoules() - saved.microjoules()) : 0;
    return new EnergyHistory(metered, restNanos, runNanos, saved.redoneMicrojoules + since);
  }

  /** Energy without the rests, in millionths of a joule; 0 also where nothing is known. */
  private long microjoules() {
    return metered.microjoulesByPhase(RunEnergy::isOfRun).values().stream()
        .reduce(0L, Math::addExact);
  }

  /** Joules without the rests; empty while unknown. */
  public OptionalDouble joules() {
    return metered.joules(RunEnergy::isOfRun);
  }

  /** Joules that went into work which was lost with a process and done again. */
  public double redoneJoules() {
    return redoneMicrojoules / MICRO;
  }

  /** How long was rested, all rests together. */
  public double restSeconds() {
    return restNanos / NANOS_PER_SECOND;
  }

  /** Wall clock without the rests. */
  public double seconds() {
    return runNanos / NANOS_PER_SECOND;
  }
}
