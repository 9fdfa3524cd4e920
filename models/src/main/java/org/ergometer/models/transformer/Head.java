package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The output head's arithmetic: logits = x · Wᵀ with a vocabulary matrix W, its own or the token
 * embedding's.
 *
 * <p>Dimensions: B batch, T time, C width, V vocabulary; x [B, T, C], W [V, C], logits [B·T, V].
 */
final class Head {

  private final TensorOps ops;
  private final Views views;
  private final RoundedCopy input;
  private final RoundedCopy matrix;
  private final RoundedCopy logitGradient;
  private boolean lastRowOnly;

  Head(TensorOps ops, Views views) {
    this.ops = ops;
    this.views = views;
    this.input = new RoundedCopy(ops);
    this.matrix = new RoundedCopy(ops);
    this.logitGradient = new RoundedCopy(ops);
  }

  TensorOps ops() {
    return ops;
  }

  /** Whether the forward pass, from now on, computes the logits of the last position alone. */
  void lastRowOnly(boolean only) {
    lastRowOnly = only;
  }

  /** The logits, a new array in {@code outputs}. */
  INDArray forward(INDArray x, INDArray weight, Memory outputs) {
    INDArray rows = lastRowOnly ? lastRow(x) : views.rows(x);
    INDArray logits = outputs.array(rows.size(0), weight.size(0));
    ops.productTransposedB(input.round(rows, outputs), matrix.roundWeights(weight), logits);
    return logits;
  }

  private static INDArray lastRow(INDArray x) {
    long width = x.size(2);
    long offset = x.offset() + x.length() - width;
    return Nd4j.create(x.data(), new long[] {1, width}, new long[] {width, 1}, offset, 'c');
  }

  /** Overwrites {@code weightGradient} and gives the gradient of x, in {@code gradients}. */
  INDArray backward(
      INDArray x,
      INDArray weight,
      INDArray weightGradient,
      INDArray dLogits,
      Memory gradients,
      Memory working) {
    INDArray dx = gradients.like(x);
    INDArray rounded = logitGradient.round(dLogits, working);
    ops.productTransposedA(rounded, input.last(views.rows(x)), weightGradient);
    ops.product(rounded, matrix.last(weight), views.rows(dx));
    return dx;
  }
}
