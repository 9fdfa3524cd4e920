package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal attention of queries to keys and values, softmax(q·kᵀ / sqrt(K)) · v (Vaswani et al.
 * 2017), each head of keys and values serving a group of query heads (Ainslie et al. 2023).
 *
 * <p>Dimensions: B batch, T time, H query heads, V heads of keys and values, which divide H, K head
 * dimension. Query heads of a group are neighbours. Queries, keys and values may be strided views.
 */
sealed interface CausalAttention permits ComposedCausalAttention {

  /**
   * Sets the weighted sums of the values, and keeps in {@code memory} what the backward pass needs.
   *
   * @param heads queries [B, H, T, K], keys and values [B, V, S, K] of S ≥ T positions, the last of
   *     which are the queries', and which must stay what they are until the backward pass
   * @param mixed the sums [B·T, H·K]
   */
  void forward(Heads heads, INDArray mixed, Memory memory);

  /**
   * Sets the gradients of queries, keys and values.
   *
   * @param dMixed gradient of the sums [B·T, H·K]; is overwritten
   * @param gradients where they go, of the extents of {@code heads}
   */
  void backward(Heads heads, INDArray dMixed, Heads gradients, Memory working);

  /** Forgets what was kept; its memory may be gone. */
  void clear();

  /** Heads that lie side by side in x [B·T, heads·K], as a view [B, heads, T, K]. */
  static INDArray heads(INDArray x, long batch, int headDim) {
    long time = x.size(0) / batch;
    long count = x.size(1) / headDim;
    return x.reshape('c', batch, time, count, headDim).permute(0, 2, 1, 3);
  }

  /** Queries [B, H, T, K], keys and values [B, V, T, K], or their gradients. */
  record Heads(INDArray queries, INDArray keys, INDArray values) {}
}
