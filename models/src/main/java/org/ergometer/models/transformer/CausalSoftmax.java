package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What turns attention scores into weights: scales them, hides later positions, and makes each row
 * sum to 1. B batch, H heads, Q queries, the last of K positions.
 */
sealed interface CausalSoftmax permits ComposedCausalSoftmax, FusedCausalSoftmax {

  /** By one op of the backend where there is one. */
  static CausalSoftmax of(TensorOps ops, double scale) {
    boolean fused = ops.offers(FusedOp.CAUSAL_SOFTMAX) && ops.offers(FusedOp.SOFTMAX_GRADIENT);
    return fused ? new FusedCausalSoftmax(scale) : new ComposedCausalSoftmax(ops, scale);
  }

  /** Replaces scores [B, H, Q, K] by weights. */
  void forward(INDArray scores);

  /**
   * Replaces the gradient dP of the weights P by P ∘ (dP − rowsum(P ∘ dP)), the gradient of the
   * scaled scores.
   */
  void backward(INDArray weights, INDArray gradient, Memory working);
}
