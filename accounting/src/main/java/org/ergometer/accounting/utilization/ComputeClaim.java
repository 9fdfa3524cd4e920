package org.ergometer.accounting.utilization;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says of one piece of work; numbers that cannot all be true of one device are found
 * here.
 *
 * @param flops done in all
 * @param joules the devices drew; null if nothing is said of it
 * @param deviceHours devices times hours; null if nothing is said of it
 */
public record ComputeClaim(double flops, @Nullable Double joules, @Nullable Double deviceHours) {

  private static final double SECONDS_PER_HOUR = 3600;

  public ComputeClaim {
    if (!(flops > 0) || Double.isInfinite(flops)) {
      throw new InvalidInputException("flops must be > 0, got %s; set --flops".formatted(flops));
    }
  }

  /** Energy of one FLOP; empty where no energy is claimed. */
  public OptionalDouble joulesPerFlop() {
    return joules == null ? OptionalDouble.empty() : OptionalDouble.of(joules / flops);
  }

  /** Part of a peak that the claim amounts to; empty where no time is claimed. */
  public OptionalDouble utilization(double peakFlopsPerSecond) {
    return deviceHours == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(flops / (deviceHours * SECONDS_PER_HOUR * peakFlopsPerSecond));
  }

  /**
   * Why the claim cannot be true of a device: too little energy for the FLOPs at its best joules
   * per FLOP, or too little time at its peak. Empty where nothing speaks against it.
   *
   * @param peakFlopsPerSecond of one device, in the type the work was done in
   * @param leastJoulesPerFlop rated power by that peak; empty where the power is unknown
   */
  public List<String> contradictions(
      String device, double peakFlopsPerSecond, OptionalDouble leastJoulesPerFlop) {
    List<String> contradictions = new ArrayList<>();
    if (joules != null
        && leastJoulesPerFlop.isPresent()
        && joules < flops * leastJoulesPerFlop.getAsDouble()) {
      contradictions.add(
          String.format(
              Locale.ROOT,
              "impossible: %.4g J per FLOP is less than the %.4g J of %s at its dense peak and"
                  + " rated power; %.4g FLOP take at least %,.4g MWh there, %,.4g are claimed",
              joules / flops,
              leastJoulesPerFlop.getAsDouble(),
              device,
              flops,
              megawattHours(flops * leastJoulesPerFlop.getAsDouble()),
              megawattHours(joules)));
    }
    OptionalDouble utilization = utilization(peakFlopsPerSecond);
    if (utilization.isPresent() && utilization.getAsDouble() > 1) {
      contradictions.add(
          String.format(
              Locale.ROOT,
              "impossible: %.4g FLOP in %,.4g device-hours are %.4g times the dense peak of %s,"
                  + " %.4g FLOP/s",
              flops,
              deviceHours,
              utilization.getAsDouble(),
              device,
              peakFlopsPerSecond));
    }
    return contradictions;
  }

  private static double megawattHours(double energy) {
    return energy / (SECONDS_PER_HOUR * 1e6);
  }
}
