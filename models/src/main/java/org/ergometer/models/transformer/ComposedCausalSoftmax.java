package org.ergometer.models.transformer;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Weights from scores by ops of ND4J; B batch, H heads, Q queries, K keys. */
final class ComposedCausalSoftmax implements CausalSoftmax {

  private final TensorOps ops;
  private final CausalMask mask;
  private final INDArray scale;

  ComposedCausalSoftmax(TensorOps ops, double scale) {
    this.ops = ops;
    this.mask = new CausalMask(ops.dataType());
    this.scale = ops.constant(scale);
  }

  @Override
  public void forward(INDArray scores) {
    int queries = Math.toIntExact(scores.size(2));
    int keys = Math.toIntExact(scores.size(3));
    ops.multiply(scores, scale, scores);
    if (queries > 1) {
      INDArray flat = scores.reshape('c', scores.size(0) * scores.size(1), (long) queries * keys);
      ops.add(flat, mask.flat(queries, keys), flat);
    }
    ops.softmax(scores, scores);
  }

  @Override
  public void backward(INDArray weights, INDArray gradient, Memory working) {
    INDArray product = working.like(weights);
    long rows = weights.length() / weights.size(3);
    INDArray sums = working.array(rows, 1);
    ops.multiply(weights, gradient, product);
    ops.sumRows(product.reshape('c', rows, weights.size(3)), sums);
    INDArray flat = gradient.reshape('c', rows, weights.size(3));
    ops.subtract(flat, sums, flat);
    ops.multiply(gradient, weights, gradient);
  }
}
