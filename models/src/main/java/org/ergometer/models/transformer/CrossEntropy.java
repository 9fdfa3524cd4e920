package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Mean of −log p(target) in nats over N rows of logits, and its gradient. N rows (B·T), V
 * vocabulary.
 */
sealed interface CrossEntropy permits ComposedCrossEntropy, FusedCrossEntropy {

  /** By one op of the backend for each pass where there is one. */
  static CrossEntropy of(TensorOps ops, int vocabulary) {
    boolean fused = ops.offers(FusedOp.CROSS_ENTROPY) && ops.offers(FusedOp.CROSS_ENTROPY_GRADIENT);
    return fused ? new FusedCrossEntropy(ops) : new ComposedCrossEntropy(ops, vocabulary);
  }

  /**
   * The mean, for logits [N, V] and targets int [N]; keeps in {@code memory} what the backward pass
   * needs.
   */
  double forward(INDArray logits, INDArray targets, Memory memory);

  /** Whether the backward pass finds the mean itself, and needs no forward pass before it. */
  boolean backwardAlone();

  /** Sets {@code gradient} [N, V] to that of the mean, and gives the mean. */
  double backward(INDArray logits, INDArray targets, INDArray gradient, Memory memory);

  /** Forgets what was kept; its memory may be gone. */
  void clear();
}
