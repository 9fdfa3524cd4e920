package org.ergometer.accounting.utilization;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Part of the peak that a training run uses, 0 to 1; above 1 the peak, the count or the throughput
 * is wrong.
 *
 * @param mfu model FLOPs utilization: what the model needs, however it is executed, by the peak
 * @param mfuWithoutAttention the same with the products of parameters alone
 * @param hfu hardware FLOPs utilization: recomputation included (the same appendix)
 */
public record Utilization(double mfu, double mfuWithoutAttention, double hfu) {

  /**
   * Utilization of devices that train together.
   *
   * @param tokensPerSecond of all devices together
   * @param peak of one of them
   */
  public static Utilization of(double tokensPerSecond, TokenWork work, double devices, Peak peak) {
    positive("tokens-per-second", tokensPerSecond);
    positive("devices", devices);
    double tokensPerFlop = tokensPerSecond / (devices * peak.flopsPerSecond());
    return new Utilization(
        tokensPerFlop * work.modelFlops(),
        tokensPerFlop * work.parameterFlops(),
        tokensPerFlop * work.hardwareFlops());
  }

  /** Whether it is more than there can be. */
  public boolean impossible() {
    return hfu > 1;
  }

  private static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInputException(
          "%s must be > 0, got %s; set --%s".formatted(name, value, name));
    }
  }
}
