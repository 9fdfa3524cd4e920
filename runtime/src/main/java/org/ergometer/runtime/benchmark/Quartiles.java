package org.ergometer.runtime.benchmark;

import java.util.Arrays;

/** Median and quartiles of a sample, between neighbours in proportion (R's type 7). */
public record Quartiles(double lower, double median, double upper) {

  /** Of at least one value. */
  public static Quartiles of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("quartiles need at least 1 value, got none");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
  }

  private static double at(double[] sorted, double fraction) {
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
