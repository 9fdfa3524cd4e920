package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Norm of each head of queries, or of keys, over its channels, with a gain that all heads share
 * (Dehghani et al. 2023): N rows (B·T), H heads side by side, K head dimension.
 */
final class HeadNorm {

  private final Normalization norm;
  private final int headDim;

  HeadNorm(TransformerLayer layer, String name, String scopeName) {
    norm = new Normalization(layer, name, scopeName);
    headDim = layer.shape().headDim();
  }

  /** The norm of x [N, H·K], which may be a strided view: a new dense array. */
  INDArray forward(INDArray x, Memory memory) {
    INDArray dense = memory.like(x);
    dense.assign(x);
    INDArray y = memory.like(x);
    norm.forward(byHead(dense), byHead(y), memory);
    return y;
  }

  /** Sets dx, which may be a strided view, and the gradients of gain and bias, for a dense dy. */
  void backward(INDArray dy, INDArray dx, Memory working) {
    INDArray dense = working.like(dy);
    norm.backward(byHead(dy), byHead(dense), working);
    dx.assign(dense);
  }

  private INDArray byHead(INDArray x) {
    return x.reshape('c', x.length() / headDim, headDim);
  }

  void clear() {
    norm.clear();
  }
}
