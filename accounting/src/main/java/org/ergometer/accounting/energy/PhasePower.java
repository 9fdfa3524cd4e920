package org.ergometer.accounting.energy;

import java.util.Arrays;

/**
 * Mean power of a device in each phase of the work, learned from intervals that are longer than a
 * phase: energy ≈ Σ watts of a phase × seconds in it.
 *
 * <p>Least squares with a normal prior, P ~ N(mean power, (mean power)²): where the intervals all
 * have the same mixture of phases, nothing can be told apart, every phase keeps the mean power, and
 * its standard deviation stays as wide as the prior (Bishop, Pattern Recognition and Machine
 * Learning, 2006, equations 3.53 and 3.54).
 */
final class PhasePower {

  /** No sensor tells the energy of a short interval better than this. */
  private static final double SENSOR_ACCURACY = 0.01;

  /** A device at work never draws less than this part of its mean. */
  private static final double LEAST_PART_OF_MEAN = 0.1;

  private static final int NOISE_ITERATIONS = 2;

  private final int phases;
  private final double[][] secondsSquared;
  private final double[] secondsTimesJoules;
  private double joulesSquared;
  private double joules;
  private double seconds;
  private long intervals;

  PhasePower(int phases) {
    this.phases = phases;
    this.secondsSquared = new double[phases][phases];
    this.secondsTimesJoules = new double[phases];
  }

  /** Power by phase. */
  static final class Estimate {

    private final double[] watts;
    private final double[] deviation;

    private Estimate(double[] watts, double[] deviation) {
      this.watts = watts;
      this.deviation = deviation;
    }

    /** Mean of a phase; never below a tenth of the mean over all phases. */
    double watts(int phase) {
      return watts[phase];
    }

    /** One standard deviation of it, in watts. */
    double deviation(int phase) {
      return deviation[phase];
    }
  }

  /** Learns from an interval. */
  void add(double[] secondsInPhase, double joulesInInterval) {
    for (int row = 0; row < phases; row++) {
      for (int column = 0; column < phases; column++) {
        secondsSquared[row][column] += secondsInPhase[row] * secondsInPhase[column];
      }
      secondsTimesJoules[row] += secondsInPhase[row] * joulesInInterval;
      seconds += secondsInPhase[row];
    }
    joulesSquared += joulesInInterval * joulesInInterval;
    joules += joulesInInterval;
    intervals++;
  }

  /** What was learned so far; equal weights before anything was. */
  Estimate estimate() {
    double mean = seconds > 0 ? joules / seconds : 0;
    double[] watts = new double[phases];
    double[] deviation = new double[phases];
    Arrays.fill(watts, mean > 0 ? mean : 1);
    if (mean <= 0) {
      return new Estimate(watts, deviation);
    }
    double[] deviations = new double[phases];
    double[][] inverse = new double[phases][phases];
    double noise = noise(watts);
    for (int iteration = 0; iteration < NOISE_ITERATIONS; iteration++) {
      inverse = inverse(noise / (mean * mean));
      for (int phase = 0; phase < phases; phase++) {
        deviations[phase] = secondsTimesJoules[phase] - mean * rowSum(phase);
      }
      for (int phase = 0; phase < phases; phase++) {
        watts[phase] = mean + product(inverse[phase], deviations);
      }
      noise = noise(watts);
    }
    for (int phase = 0; phase < phases; phase++) {
      deviation[phase] = Math.sqrt(noise * inverse[phase][phase]);
      watts[phase] = Math.max(watts[phase], LEAST_PART_OF_MEAN * mean);
    }
    return new Estimate(watts, deviation);
  }

  /** Variance of an interval's energy about what the powers say, in square joules. */
  private double noise(double[] watts) {
    double residual = joulesSquared;
    for (int phase = 0; phase < phases; phase++) {
      residual +=
          watts[phase] * (product(secondsSquared[phase], watts) - 2 * secondsTimesJoules[phase]);
    }
    double typical = SENSOR_ACCURACY * joules / intervals;
    return Math.max(residual / intervals, typical * typical);
  }

  private double rowSum(int phase) {
    return Arrays.stream(secondsSquared[phase]).sum();
  }

  /**
   * Inverse of the matrix of squares plus a ridge, by Gauss and Jordan; it is positive definite.
   */
  private double[][] inverse(double ridge) {
    double[][] work = new double[phases][2 * phases];
    for (int row = 0; row < phases; row++) {
      System.arraycopy(secondsSquared[row], 0, work[row], 0, phases);
      work[row][row] += ridge;
      work[row][phases + row] = 1;
    }
    for (int pivot = 0; pivot < phases; pivot++) {
      double scale = work[pivot][pivot];
      for (int column = 0; column < 2 * phases; column++) {
        work[pivot][column] /= scale;
      }
      for (int row = 0; row < phases; row++) {
        double factor = work[row][pivot];
        for (int column = 0; row != pivot && column < 2 * phases; column++) {
          work[row][column] -= factor * work[pivot][column];
        }
      }
    }
    double[][] inverse = new double[phases][];
    for (int row = 0; row < phases; row++) {
      inverse[row] = Arrays.copyOfRange(work[row], phases, 2 * phases);
    }
    return inverse;
  }

  private static double product(double[] left, double[] right) {
    double sum = 0;
    for (int index = 0; index < left.length; index++) {
      sum += left[index] * right[index];
    }
    return sum;
  }
}
