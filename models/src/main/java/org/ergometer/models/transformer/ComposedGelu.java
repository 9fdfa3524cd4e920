package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GELU composed of element-wise ops, as x · σ(c · (x + a·x³)), a = 0.044715, c = 2·sqrt(2/π): the
 * same function written with one exponential.
 *
 * <p>Not ND4J's own: its {@code gelu} is another approximation, and its {@code precise_gelu} cubes
 * the coefficient a as well.
 */
final class ComposedGelu implements Nonlinearity {

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

  /** 1 + exp(−c·(x + a·x³)), the inverse of the sigmoid, of the last forward pass. */
  private @Nullable INDArray saved;

  ComposedGelu(TensorOps ops) {
    this.ops = ops;
    this.one = ops.constant(1);
    this.negativeSlope = ops.constant(-SLOPE);
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray denominator = memory.like(x);
    cube.run(denominator, x);
    addCubic.run(denominator, x, denominator);
    ops.multiply(denominator, negativeSlope, denominator);
    ops.exp(denominator, denominator);
    ops.add(denominator, one, denominator);
    ops.divide(x, denominator, y);
    saved = denominator;
  }

  /** The derivative is σ + y·(1 − σ)·c·(1 + 3a·x²). */
  @Override
  public void backward(INDArray x, INDArray y, INDArray dy, Memory working) {
    INDArray denominator = Objects.requireNonNull(saved, "backward without forward");
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

  @Override
  public boolean needsResult() {
    return true;
  }

  @Override
  public void clear() {
    saved = null;
  }
}
