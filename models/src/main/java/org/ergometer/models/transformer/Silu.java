package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SiLU, also swish: x · σ(x) (Hendrycks, Gimpel 2016; Elfwing et al. 2017). */
final class Silu implements Nonlinearity {

  private final TensorOps ops;
  private final Kernel sigmoid = new Kernel("sigmoid");

  /** σ(x) of the last forward pass. */
  private @Nullable INDArray saved;

  Silu(TensorOps ops) {
    this.ops = ops;
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray sigma = memory.like(x);
    sigmoid.run(sigma, x);
    ops.multiply(x, sigma, y);
    saved = sigma;
  }

  /** The derivative is σ + y·(1 − σ) = (y + σ) − y·σ. */
  @Override
  public void backward(INDArray x, INDArray y, INDArray dy, Memory working) {
    INDArray sigma = Objects.requireNonNull(saved, "backward without forward");
    INDArray derivative = working.like(x);
    INDArray product = working.like(x);
    ops.multiply(y, sigma, product);
    ops.add(y, sigma, derivative);
    ops.subtract(derivative, product, derivative);
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
