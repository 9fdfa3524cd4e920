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
    this(layer, name, new RoundedCopy(layer.ops));
  }

  private Linear(TransformerLayer layer, String name, RoundedCopy input) {
    this.layer = layer;
    this.weight = Sublayer.weight(name);
    this.bias = Sublayer.bias(name);
    this.input = input;
    this.matrix = new RoundedCopy(layer.ops);
    this.outputGradient = new RoundedCopy(layer.ops);
  }

  /** Another map of the same x, which is rounded once for both: by this one. */
  Linear beside(String name) {
    return new Linear(layer, name, input);
  }

  /**
   * Sets y [N, outputs].
   *
   * @param kept where a rounded x goes, which the backward pass needs
   */
  void forward(INDArray x, INDArray y, Memory kept) {
    product(input.round(x, kept), y);
  }

  /** The same for the x that the map {@link #beside} this one has had. */
  void forwardBeside(INDArray x, INDArray y) {
    product(input.last(x), y);
  }

  private void product(INDArray x, INDArray y) {
    layer.ops.product(x, matrix.roundWeights(layer.parameter(weight)), y);
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
