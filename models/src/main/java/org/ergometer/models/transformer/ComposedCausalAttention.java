package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention as two batches of products with a softmax between them; the weights [B, H, T, T] are
 * kept for the backward pass.
 *
 * <p>With G query heads to each head of keys and values there are G batches in place of one: batch
 * g takes the query heads g, g + G, g + 2G … as a view, so that nothing is repeated or copied.
 */
final class ComposedCausalAttention implements CausalAttention {

  private final TensorOps ops;
  private final CausalSoftmax softmax;
  private final INDArray scale;
  private final int headDim;
  private final int groupSize;

  /** Weights after softmax [B, H, T, T] of the last forward pass. */
  private @Nullable INDArray saved;

  /**
   * Attention with scores divided by the root of the head dimension.
   *
   * @param groupSize query heads to each head of keys and values, G
   */
  ComposedCausalAttention(TensorOps ops, int headDim, int groupSize) {
    double factor = 1 / Math.sqrt(headDim);
    this.ops = ops;
    this.softmax = CausalSoftmax.of(ops, factor);
    this.scale = ops.constant(factor);
    this.headDim = headDim;
    this.groupSize = groupSize;
  }

  @Override
  public void forward(Heads heads, INDArray mixed, Memory memory) {
    INDArray queries = heads.queries();
    long time = queries.size(2);
    INDArray weights = memory.array(queries.size(0), queries.size(1), time, time);
    for (int group = 0; group < groupSize; group++) {
      ops.productTransposedB(of(queries, group), heads.keys(), of(weights, group));
    }
    softmax.forward(weights);
    INDArray sums = CausalAttention.heads(mixed, queries.size(0), headDim);
    for (int group = 0; group < groupSize; group++) {
      ops.product(of(weights, group), heads.values(), of(sums, group));
    }
    saved = weights;
  }

  /**
   * The scores were scaled: the scale goes into the gradient of the sums, which is smaller than
   * that of the scores.
   */
  @Override
  public void backward(Heads heads, INDArray dMixed, Heads gradients, Memory working) {
    INDArray weights = Objects.requireNonNull(saved, "backward without forward");
    INDArray dSums = CausalAttention.heads(dMixed, weights.size(0), headDim);
    addProducts(weights, dSums, gradients.values(), working);
    INDArray dScores = working.like(weights);
    ops.multiply(dMixed, scale, dMixed);
    for (int group = 0; group < groupSize; group++) {
      ops.productTransposedB(of(dSums, group), heads.values(), of(dScores, group));
    }
    softmax.backward(weights, dScores, working);
    for (int group = 0; group < groupSize; group++) {
      ops.product(of(dScores, group), heads.keys(), of(gradients.queries(), group));
    }
    addProducts(dScores, heads.queries(), gradients.keys(), working);
  }

  /** z [B, V, T, K] = the sum over groups of aᵀ·b, a [B, H, T, T], b [B, H, T, K]. */
  private void addProducts(INDArray a, INDArray b, INDArray z, Memory working) {
    ops.productTransposedA(of(a, 0), of(b, 0), z);
    for (int group = 1; group < groupSize; group++) {
      INDArray part = working.like(z);
      ops.productTransposedA(of(a, group), of(b, group), part);
      ops.add(z, part, z);
    }
  }

  /** Of [B, H, ..] the heads that are member {@code group} of their groups, [B, V, ..]. */
  private INDArray of(INDArray x, int group) {
    if (groupSize == 1) {
      return x;
    }
    long groups = x.size(1) / groupSize;
    return x.reshape('c', true, x.size(0), groups, groupSize, x.size(2), x.size(3)).slice(group, 2);
  }

  @Override
  public void clear() {
    saved = null;
  }
}
