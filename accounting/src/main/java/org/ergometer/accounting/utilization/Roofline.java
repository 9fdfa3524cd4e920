package org.ergometer.accounting.utilization;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * What a device can reach at an arithmetic intensity: its peak, or its memory's bandwidth times the
 * intensity, whichever is less (Williams, Waterman and Patterson 2009).
 *
 * @param flopsPerSecond peak
 * @param bytesPerSecond bandwidth of memory
 */
public record Roofline(double flopsPerSecond, double bytesPerSecond) {

  public Roofline {
    positive("peak", flopsPerSecond);
    positive("bandwidth", bytesPerSecond);
  }

  /** FLOPs for each byte read or written. */
  public static double intensity(double flops, double bytes) {
    positive("bytes", bytes);
    return flops / bytes;
  }

  /** Intensity at which bandwidth stops being the limit, FLOPs per byte. */
  public double ridge() {
    return flopsPerSecond / bytesPerSecond;
  }

  /** FLOP/s that work of this intensity can reach. */
  public double attainable(double intensity) {
    return Math.min(flopsPerSecond, bytesPerSecond * intensity);
  }

  /** Whether memory is what limits work of this intensity. */
  public boolean memoryBound(double intensity) {
    return intensity < ridge();
  }

  private static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new InvalidInputException("%s must be > 0, got %s".formatted(name, value));
    }
  }
}
