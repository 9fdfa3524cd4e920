package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.global.dnnl;
import org.nd4j.linalg.api.buffer.DataType;

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

  /**
   * Whether the library has a kernel on this processor for products of a 16-bit type with sums in
   * float32; it is asked to make one. Where it has none, products of that type are computed on
   * copies in float32.
   */
  public static boolean multiplies(DataType type) {
    return switch (type) {
      case BFLOAT16 -> OneDnn.library().multiplies(dnnl.dnnl_bf16);
      case HALF -> OneDnn.library().multiplies(dnnl.dnnl_f16);
      case FLOAT -> true;
      default -> false;
    };
  }

  static boolean usable() {
    return status() instanceof Status.On;
  }
}
