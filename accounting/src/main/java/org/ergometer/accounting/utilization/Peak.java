package org.ergometer.accounting.utilization;

import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The FLOP/s that one device is held against.
 *
 * @param type of the matrix products; null where a figure was given without
 * @param origin how it was obtained
 * @param description where from, for people
 */
public record Peak(
    double flopsPerSecond, @Nullable MatrixType type, Origin origin, String description) {

  /** How a peak was obtained. */
  public enum Origin {
    /** By a matrix product on this machine. */
    MEASURED,
    /** From the table of devices. */
    TABLE,
    /** Said by the user. */
    USER;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Name used in metrics and JSON. */
    public String label() {
      return label;
    }
  }

  public Peak {
    if (!(flopsPerSecond > 0) || Double.isInfinite(flopsPerSecond)) {
      throw new InvalidInputException(
          "peak must be > 0 FLOP/s of one device, got %s; set --peak, such as 312e12"
              .formatted(flopsPerSecond));
    }
  }

  /** A peak that the user says. */
  public static Peak user(double flopsPerSecond) {
    return new Peak(flopsPerSecond, null, Origin.USER, "given");
  }

  /** The same peak, known to be of a type. */
  public Peak in(MatrixType known) {
    return new Peak(flopsPerSecond, known, origin, description);
  }
}
