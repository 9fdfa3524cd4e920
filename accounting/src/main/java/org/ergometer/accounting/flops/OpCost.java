package org.ergometer.accounting.flops;

/**
 * Work of one op or of several: floating-point operations, bytes read and bytes written.
 *
 * <p>Counts follow from shapes; nothing here is a hardware counter.
 */
public record OpCost(long flops, long bytesRead, long bytesWritten) {

  public static final OpCost ZERO = new OpCost(0, 0, 0);

  public OpCost {
    if (flops < 0 || bytesRead < 0 || bytesWritten < 0) {
      throw new IllegalArgumentException(
          "cost must be >= 0, got flops=%s bytesRead=%s bytesWritten=%s"
              .formatted(flops, bytesRead, bytesWritten));
    }
  }

  /** Adds component-wise; throws {@link ArithmeticException} rather than wrap. */
  public OpCost plus(OpCost other) {
    return new OpCost(
        Math.addExact(flops, other.flops),
        Math.addExact(bytesRead, other.bytesRead),
        Math.addExact(bytesWritten, other.bytesWritten));
  }
}
