package org.ergometer.accounting.energy;

import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What a whole run will take, judged from its beginning.
 *
 * @param steps that it was judged from
 * @param seconds wall clock
 * @param flops of all ops, as counted in the steps that it was judged from; null if nothing is
 *     counted
 * @param joules null if energy is unknown
 * @param co2eGrams null if energy or intensity is unknown
 * @param usd null if the price is unknown
 */
public record Forecast(
    int steps,
    Range seconds,
    @Nullable Double flops,
    @Nullable Range joules,
    @Nullable Range co2eGrams,
    @Nullable Range usd) {

  /** A value of a range. */
  public enum Bound {
    LOW,
    EXPECTED,
    HIGH;

    /** Name used in metrics and JSON. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is expected, between what would come of the fastest and the slowest pace seen. */
  public record Range(double low, double expected, double high) {
    public Range {
      if (!(low <= expected && expected <= high)) {
        throw new InvalidInputException(
            "a range must go up, got %s, %s, %s".formatted(low, expected, high));
      }
    }

    /** The value at a bound. */
    public double at(Bound bound) {
      return switch (bound) {
        case LOW -> low;
        case EXPECTED -> expected;
        case HIGH -> high;
      };
    }
  }
}
