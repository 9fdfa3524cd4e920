package org.ergometer.accounting.energy;

import java.util.Arrays;

/**
 * Divides the energy of one domain among the phases of the work, in whole microjoules and without a
 * remainder: each interval by the time in its phases times their power as far as it is known.
 */
final class PhaseShares {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICRO = 1e6;

  private final long[] microjoules;
  private final double[] seconds;
  private final PhasePower power;

  PhaseShares(int phases) {
    this.microjoules = new long[phases];
    this.seconds = new double[phases];
    this.power = new PhasePower(phases);
  }

  /**
   * Divides the energy of an interval.
   *
   * @param covered nanoseconds that its samples lie apart
   * @param nanos time in each phase during it, as somebody saw it who looked a little later
   */
  void add(long gained, long covered, long[] nanos) {
    double[] inPhase = new double[nanos.length];
    double seen = Arrays.stream(nanos).sum();
    for (int phase = 0; phase < nanos.length; phase++) {
      inPhase[phase] = seen > 0 ? nanos[phase] / seen * covered / NANOS_PER_SECOND : 0;
      seconds[phase] += inPhase[phase];
    }
    power.add(inPhase, gained / MICRO);
    PhasePower.Estimate estimate = power.estimate();
    double all = 0;
    int largest = 0;
    double[] weights = new double[nanos.length];
    for (int phase = 0; phase < nanos.length; phase++) {
      weights[phase] = inPhase[phase] * estimate.watts(phase);
      all += weights[phase];
      largest = weights[phase] > weights[largest] ? phase : largest;
    }
    long left = gained;
    for (int phase = 0; phase < nanos.length && all > 0; phase++) {
      long share = Math.min(left, (long) (gained * (weights[phase] / all)));
      microjoules[phase] = Math.addExact(microjoules[phase], share);
      left -= share;
    }
    microjoules[largest] = Math.addExact(microjoules[largest], left);
  }

  /** Energy by phase; the sum is exactly what was added. */
  long[] microjoules() {
    return microjoules.clone();
  }

  /** Time in each phase that the energy belongs to. */
  double[] seconds() {
    return seconds.clone();
  }

  /**
   * One standard deviation of the energy of each phase, in joules: of its power, and of what the
   * division of earlier intervals did not know yet.
   */
  double[] deviationJoules() {
    PhasePower.Estimate estimate = power.estimate();
    double[] deviation = new double[microjoules.length];
    for (int phase = 0; phase < deviation.length; phase++) {
      double learned = seconds[phase] * estimate.watts(phase);
      double known = seconds[phase] * estimate.deviation(phase);
      double late = seconds[phase] > 0 ? microjoules[phase] / MICRO - learned : 0;
      deviation[phase] = Math.hypot(known, late);
    }
    return deviation;
  }
}
