package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;

/** ReLU, max(x, 0). */
final class Relu implements Nonlinearity {

  private final Kernel forward = new Kernel("relu").reals(0);
  private final Kernel backward = new Kernel("relu_bp");

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    forward.run(y, x);
  }

  @Override
  public void backward(INDArray x, INDArray y, INDArray dy, Memory working) {
    backward.run(dy, x, dy);
  }

  @Override
  public boolean needsResult() {
    return false;
  }

  /** Nothing is kept. */
  @Override
  public void clear() {}
}
