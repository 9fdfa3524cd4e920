package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GELU as it is defined, x · Φ(x) = x/2 · (1 + erf(x / sqrt(2))) (Hendrycks, Gimpel 2016), composed
 * of element-wise ops.
 */
final class ExactGelu implements Nonlinearity {

  private static final double DENSITY = 1 / Math.sqrt(2 * Math.PI);

  private final TensorOps ops;
  private final INDArray one;
  private final INDArray half;
  private final INDArray minusHalf;
  private final INDArray inverseRoot;

  // With argument a, ND4J's axpy is its first input + a · its second.
  private final Kernel addDensity = new Kernel("axpy").reals(DENSITY);

  /** Φ(x) of the last forward pass. */
  private @Nullable INDArray saved;

  ExactGelu(TensorOps ops) {
    this.ops = ops;
    this.one = ops.constant(1);
    this.half = ops.constant(0.5);
    this.minusHalf = ops.constant(-0.5);
    this.inverseRoot = ops.constant(Math.sqrt(0.5));
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray probability = memory.like(x);
    ops.multiply(x, inverseRoot, probability);
    ops.errorFunction(probability, probability);
    ops.add(probability, one, probability);
    ops.multiply(probability, half, probability);
    ops.multiply(x, probability, y);
    saved = probability;
  }

  /** The derivative is Φ(x) + x · exp(−x²/2) / sqrt(2π). */
  @Override
  public void backward(INDArray x, INDArray y, INDArray dy, Memory working) {
    INDArray probability = Objects.requireNonNull(saved, "backward without forward");
    INDArray derivative = working.array(x.shape());
    ops.multiply(x, x, derivative);
    ops.multiply(derivative, minusHalf, derivative);
    ops.exp(derivative, derivative);
    ops.multiply(x, derivative, derivative);
    addDensity.run(derivative, probability, derivative);
    ops.multiply(dy, derivative, dy);
  }

  @Override
  public boolean needsResult() {
    return false;
  }

  @Override
  public void clear() {
    saved = null;
  }
}
