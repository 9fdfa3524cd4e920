package org.ergometer.accounting.plan;

import java.util.OptionalDouble;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * FLOPs that there are to spend, and what they follow from.
 *
 * @param deviceHours devices times hours; empty where FLOPs were given
 * @param peakFlopsPerSecond of one device; empty as well
 * @param utilization part of the peak that was assumed to be used; empty as well
 */
public record Budget(
    double flops,
    OptionalDouble deviceHours,
    OptionalDouble peakFlopsPerSecond,
    OptionalDouble utilization) {

  private static final double SECONDS_PER_HOUR = 3600;

  public Budget {
    valid(flops);
  }

  /** FLOPs as such. */
  public static Budget ofFlops(double flops) {
    return new Budget(
        flops, OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
  }

  /**
   * What devices do in so many hours.
   *
   * @param utilization model FLOPs utilization, 0 to 1: an assumption
   */
  public static Budget ofDeviceHours(
      double deviceHours, double peakFlopsPerSecond, double utilization) {
    if (!(utilization > 0 && utilization <= 1)) {
      throw new InvalidInputException(
          "utilization must be > 0 and <= 1, got %s; set --utilization, 0.4 for 40 %%"
              .formatted(utilization));
    }
    return new Budget(
        deviceHours * SECONDS_PER_HOUR * peakFlopsPerSecond * utilization,
        OptionalDouble.of(deviceHours),
        OptionalDouble.of(peakFlopsPerSecond),
        OptionalDouble.of(utilization));
  }

  /** Device-hours that FLOPs take on the devices of this budget; empty where none are known. */
  public OptionalDouble deviceHoursOf(double otherFlops) {
    return deviceHours.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(deviceHours.getAsDouble() * otherFlops / flops);
  }

  static double valid(double flops) {
    if (!(flops > 0) || Double.isInfinite(flops)) {
      throw new InvalidInputException(
          "flops must be > 0, got %s; set --flops, such as 1e21".formatted(flops));
    }
    return flops;
  }
}
