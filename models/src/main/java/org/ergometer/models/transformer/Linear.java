package org.ergometer.models.transformer;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A linear map y = x · W + b with the parameters of the layer it belongs to: N rows (B·T), weight
 * [inputs, outputs], bias [outputs] where the shape has biases.
 */
final class Linear {

  private final TransformerLayer layer;
  private final String weight;
  private final String bias;
  private final RoundedCopy input;
  private final RoundedCopy matrix;
  private final RoundedCopy outputGradient;

  /** The map named {@code name} among the layer's parameters. */
  Linear(TransformerLayer layer, String name) {
    this.layer = layer;
    this.weight = Sublayer.weight(name);
    this.bias = Sublayer.bias(name);
    this.input = new RoundedCopy(layer.ops);
    this.matrix = new RoundedCopy(layer.ops);
    this.outputGradient = new RoundedCopy(layer.ops);
  }

  /**
   * Sets y [N, outputs].
   *
   * @param kept where a rounded x goes, which the backward pass needs
   */
  void forward(INDArray x, INDArray y, Memory kept) {
    layer.ops.product(input.round(x, kept), matrix.roundWeights(layer.parameter(weight)), y);
    INDArray offset = layer.optionalParameter(bias);
    if (offset != null) {
      layer.ops.add(y, offset, y);
    }
  }

  /**
   * Sets dx [N, inputs] and the gradients of weight and bias, for the x of the forward pass: where
   * it was rounded, its memory may be gone.
   */
  void backward(INDArray x, INDArray dy, INDArray dx, Memory working) {
    INDArray rounded = outputGradient.round(dy, working);
    layer.ops.productTransposedA(input.last(x), rounded, layer.gradient(weight));
    @Nullable INDArray offset = layer.optionalGradient(bias);
    if (offset != null) {
      layer.ops.sumColumns(dy, offset, working);
    }
    layer.ops.productTransposedB(rounded, matrix.last(layer.parameter(weight)), dx);
  }
}
