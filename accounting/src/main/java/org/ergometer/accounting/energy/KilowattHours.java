package org.ergometer.accounting.energy;

/**
 * The unit of electricity meters, converted where it enters and leaves; inside there are joules.
 */
public final class KilowattHours {

  /** 1000 W for 3600 s. */
  public static final double JOULES = 3.6e6;

  private KilowattHours() {}

  /** Joules of so many kilowatt-hours. */
  public static double toJoules(double kilowattHours) {
    return kilowattHours * JOULES;
  }

  /** Kilowatt-hours of so many joules. */
  public static double ofJoules(double joules) {
    return joules / JOULES;
  }
}
