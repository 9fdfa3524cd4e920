package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/** GELU by one op of the backend for each pass. */
final class FusedGelu implements Nonlinearity {

  private final Kernel forward = new Kernel(FusedOp.GELU.label());
  private final Kernel backward = new Kernel(FusedOp.GELU_GRADIENT.label());

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    forward.run(y, x);
  }

  @Override
  public void backward(INDArray x, INDArray y, INDArray dy, Memory working) {
    backward.run(dy, x, dy);
  }

  /** Nothing is kept. */
  @Override
  public void clear() {}
}
