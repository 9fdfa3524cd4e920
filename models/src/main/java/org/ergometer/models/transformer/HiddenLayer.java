package org.ergometer.models.transformer;

import org.ergometer.accounting.predict.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a feed-forward network makes of its input before the last product: N rows (B·T), C width, F
 * feed-forward width.
 */
sealed interface HiddenLayer permits PlainHiddenLayer, GatedHiddenLayer {

  /** The one of a network with the given function. */
  static HiddenLayer of(Activation activation, TransformerLayer layer) {
    return switch (activation) {
      case GELU, GELU_ERF, RELU, SILU -> new PlainHiddenLayer(activation, layer);
      case SWIGLU -> new GatedHiddenLayer(activation, layer);
    };
  }

  /**
   * The hidden units [N, F] for x [N, C], an array in {@code results}, unless the backward pass
   * needs it.
   *
   * @param kept where arrays go that the backward pass needs
   */
  INDArray forward(INDArray x, Memory results, Memory kept);

  /**
   * Sets dx [N, C] and the gradients of weights and biases, for the x of the forward pass.
   *
   * @param gradient that of the hidden units [N, F]; is overwritten
   */
  void backward(INDArray x, INDArray gradient, INDArray dx, Memory working);

  /** Forgets what was kept; its memory may be gone. */
  void clear();
}
