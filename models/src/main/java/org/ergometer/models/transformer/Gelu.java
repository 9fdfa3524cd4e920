package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GELU in the form GPT-2 uses (Hendrycks, Gimpel 2016): x · σ(c · (x + a·x³)), a = 0.044715, c =
 * 2·sqrt(2/π), which is x/2 · (1 + tanh(sqrt(2/π) · (x + a·x³))) written with one exponential.
 *
 * <p>Not ND4J's own: its {@code gelu} is another approximation, and its {@code precise_gelu} cubes
 * the coefficient a as well.
 */
final class Gelu {

  private static final double CUBIC = 0.044715;
  private static final double SLOPE = 2 * Math.sqrt(2 / Math.PI);

  private final TensorOps ops;
  private final INDArray one;
  private final INDArray negativeSlope;
  private final Kernel cube = new Kernel("cube");

  // With argument a, ND4J's axpy is its first input + a · its second.
  private final Kernel addCubic = new Kernel("axpy").reals(CUBIC);
  private final Kernel addSlope = new Kernel("axpy").reals(SLOPE);
  private final Kernel addCubicSlope = new Kernel("axpy").reals(3 * CUBIC * SLOPE);

  Gelu(TensorOps ops) {
    this.ops = ops;
    this.one = ops.constant(1);
    this.negativeSlope = ops.constant(-SLOPE);
  }

  /**
   * Sets {@code y} to GELU of x, and {@code denominator} to 1 + exp(−c·(x + a·x³)), the inverse of
   * the sigmoid, for the backward pass.
   */
  void forward(INDArray x, INDArray denominator, INDArray y) {
    cube.run(denominator, x);
    addCubic.run(denominator, x, denominator);
    ops.multiply(denominator, negativeSlope, denominator);
    ops.exp(denominator, denominator);
    ops.add(denominator, one, denominator);
    ops.divide(x, denominator, y);
  }

  /**
   * Multiplies {@code dy} by the derivative σ + y·(1 − σ)·c·(1 + 3a·x²).
   *
   * @param dy gradient of the output; becomes that of the input
   */
  void backward(INDArray x, INDArray denominator, INDArray y, INDArray dy, Memory working) {
    INDArray derivative = working.array(x.shape());
    INDArray rest = working.array(x.shape());
    INDArray square = working.array(x.shape());
    ops.divide(one, denominator, derivative);
    ops.multiply(y, derivative, rest);
    ops.subtract(y, rest, rest);
    addSlope.run(derivative, derivative, rest);
    ops.multiply(x, x, square);
    ops.multiply(rest, square, rest);
    addCubicSlope.run(derivative, derivative, rest);
    ops.multiply(dy, derivative, dy);
  }
}
