package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights from scores by one op of the backend for each pass. */
final class FusedCausalSoftmax implements CausalSoftmax {

  private final Kernel forward;
  private final Kernel backward = new Kernel(FusedOp.SOFTMAX_GRADIENT.label());

  FusedCausalSoftmax(double scale) {
    forward = new Kernel(FusedOp.CAUSAL_SOFTMAX.label()).reals(scale);
  }

  @Override
  public void forward(INDArray scores) {
    forward.run(scores, scores);
  }

  @Override
  public void backward(INDArray weights, INDArray gradient, Memory working) {
    backward.run(gradient, weights, gradient);
  }
}
