package org.ergometer.runtime.acceleration;

/** Whether ops are executed by faster kernels, and if not, why. */
public final class Acceleration {

  /** System property; {@code off} leaves all ops to ND4J. */
  public static final String PROPERTY = "ergometer.acceleration";

  /** Value of {@link #PROPERTY}. */
  public static final String OFF = "off";

  /** Answer to whether there is acceleration. */
  public sealed interface Status {

    /** Ops are executed by this library. */
    record On(String library) implements Status {}

    /** ND4J executes everything, since it was asked to. */
    record SwitchedOff() implements Status {}

    /** ND4J executes everything, since the library cannot be loaded. */
    record Unavailable(String reason) implements Status {}
  }

  /** Whether ND4J was started with the faster kernels. */
  private static volatile boolean inUse;

  private Acceleration() {}

  /** Whether ops of this process are executed by faster kernels; false until ND4J has started. */
  public static boolean inUse() {
    return inUse;
  }

  static void installed() {
    inUse = true;
  }

  /** What is so in this process; loads the library unless it is switched off. */
  public static Status status() {
    if (OFF.equals(System.getProperty(PROPERTY))) {
      return new Status.SwitchedOff();
    }
    String obstacle = OneDnn.obstacle();
    return obstacle == null
        ? new Status.On(OneDnn.library().describe())
        : new Status.Unavailable(obstacle);
  }

  static boolean usable() {
    return status() instanceof Status.On;
  }
}
