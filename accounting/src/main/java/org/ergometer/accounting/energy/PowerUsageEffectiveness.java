package org.ergometer.accounting.energy;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Energy a data centre draws for each joule that reaches its computers (ISO/IEC 30134-2).
 *
 * @param ratio 1 or more
 */
public record PowerUsageEffectiveness(double ratio) {

  /** Nothing but the computers: what a laptop has, and what is counted where nothing is known. */
  public static final PowerUsageEffectiveness NONE = new PowerUsageEffectiveness(1);

  public PowerUsageEffectiveness {
    if (!(ratio >= 1) || Double.isInfinite(ratio)) {
      throw new InvalidInputException(
          "pue must be >= 1, got %s; set --pue, 1.1 in a large data centre".formatted(ratio));
    }
  }

  /** What the whole facility draws when its computers draw so much. */
  public double facilityJoules(double deviceJoules) {
    return deviceJoules * ratio;
  }
}
