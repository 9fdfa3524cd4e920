package org.ergometer.accounting.energy;

import org.ergometer.accounting.input.InvalidInputException;

/** What one look at a domain gave. */
public sealed interface EnergyReading {

  /** Energy since the look before; instants are those of the meter's clock. */
  sealed interface Gain extends EnergyReading {

    /** Energy in millionths of a joule, at least 0. */
    long microjoules();

    long fromNanos();

    long toNanos();
  }

  /** A sensor counted it. */
  record Measured(long microjoules, long fromNanos, long toNanos) implements Gain {
    public Measured {
      check(microjoules, fromNanos, toNanos);
    }
  }

  /** A model says so. */
  record Estimated(long microjoules, long fromNanos, long toNanos) implements Gain {
    public Estimated {
      check(microjoules, fromNanos, toNanos);
    }
  }

  /**
   * Nothing yet: the first look, or a counter that has not moved for a moment. The next gain covers
   * this time too.
   */
  record Pending() implements EnergyReading {}

  /** A dropped sample. */
  record Unavailable(DropReason reason) implements EnergyReading {}

  private static void check(long microjoules, long fromNanos, long toNanos) {
    if (microjoules < 0 || toNanos - fromNanos <= 0) {
      throw new InvalidInputException(
          "a reading must be >= 0 microjoules over > 0 ns, got %s over %s"
              .formatted(microjoules, toNanos - fromNanos));
    }
  }
}
