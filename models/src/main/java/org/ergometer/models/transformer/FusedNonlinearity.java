package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A function by one op of the backend for each pass. */
final class FusedNonlinearity implements Nonlinearity {

  private final Kernel forward;
  private final Kernel backward;

  /**
   * The function of an op.
   *
   * @param gradient of input and gradient of the output
   */
  FusedNonlinearity(FusedOp function, FusedOp gradient) {
    forward = new Kernel(function.label());
    backward = new Kernel(gradient.label());
  }

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
