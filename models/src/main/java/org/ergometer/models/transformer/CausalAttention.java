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
   * @param dMixed gradient of the sums [B·T, H·K]
   * @param gradients where they go, of the extents of {@code heads}
   */
  void backward(Heads heads, INDArray dMixed, Heads gradients, Memory working);

  /** Forgets what was kept; its memory may be gone. */
  void clear();

  /** Queries [B, H, T, K], keys and values [B, V, T, K], or their gradients. */
  record Heads(INDArray queries, INDArray keys, INDArray values) {}
}
