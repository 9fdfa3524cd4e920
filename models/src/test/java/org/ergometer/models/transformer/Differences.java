package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleSupplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Numerical gradients by central differences of fourth order. */
final class Differences {

  private static final double STEP = 3e-5;

  /** The error of the differences is of order STEP⁴, that of rounding 1e-16 / STEP. */
  private static final double TOLERANCE = 1e-7;

  private Differences() {}

  /** Asserts that {@code gradient} is the derivative of {@code value} by each of {@code at}. */
  static void assertGradient(String what, INDArray at, INDArray gradient, DoubleSupplier value) {
    assertThat(gradient.length()).as(what).isEqualTo(at.length());
    INDArray flat = at.reshape(at.length());
    INDArray analytic = gradient.reshape(gradient.length());
    for (long index = 0; index < flat.length(); index++) {
      double numerical = derivative(flat, index, value);
      assertThat(analytic.getDouble(index))
          .as("%s, element %d", what, index)
          .isCloseTo(numerical, within(TOLERANCE * (1 + Math.abs(numerical))));
    }
  }

  private static double derivative(INDArray at, long index, DoubleSupplier value) {
    double here = at.getDouble(index);
    double near = difference(at, index, here, STEP, value);
    double far = difference(at, index, here, 2 * STEP, value);
    at.putScalar(index, here);
    return (8 * near - far) / (12 * STEP);
  }

  private static double difference(
      INDArray at, long index, double here, double step, DoubleSupplier value) {
    at.putScalar(index, here + step);
    double above = value.getAsDouble();
    at.putScalar(index, here - step);
    return above - value.getAsDouble();
  }
}
