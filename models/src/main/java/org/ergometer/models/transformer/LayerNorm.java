package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.ergometer.accounting.op.Scope;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016): y = gain · x̂ + bias with
 * x̂ = (x − mean) / sqrt(variance + ε), the variance being the biased one.
 *
 * <p>Dimensions: N rows (B·T), C width. Gain and bias are those of the layer it belongs to; its
 * work is booked under a scope of its own. One op of the backend does it where there is one.
 */
final class LayerNorm {

  /** ε of GPT-2. */
  static final double EPSILON = 1e-5;

  private final Pass pass;
  private final String scopeName;

  /** One way of computing both passes. */
  interface Pass {

    /** Sets y [N, C] for x [N, C], and keeps what the backward pass needs. */
    void forward(INDArray x, INDArray y, Memory memory);

    /** Sets dx, and the gradients of gain and bias. */
    void backward(INDArray dy, INDArray dx, Memory working);

    /** Forgets what was kept; its memory may be gone. */
    void clear();
  }

  LayerNorm(TransformerLayer layer, String scopeName) {
    boolean fused =
        layer.ops.offers(FusedOp.LAYER_NORM) && layer.ops.offers(FusedOp.LAYER_NORM_GRADIENT);
    this.pass = fused ? new FusedLayerNorm(layer) : new ComposedLayerNorm(layer);
    this.scopeName = scopeName;
  }

  /** Sets y [N, C] for x [N, C]; y must not be x. */
  void forward(INDArray x, INDArray y, Memory memory) {
    Scope scope = Scope.enter(scopeName);
    try {
      pass.forward(x, y, memory);
    } finally {
      scope.close();
    }
  }

  /**
   * Sets {@code dx} to the gradient of the norm's input, and the gradients of gain and bias; x must
   * still be what it was.
   *
   * @param dy gradient of the output [N, C]
   * @param dx not the same array
   */
  void backward(INDArray dy, INDArray dx, Memory working) {
    Scope scope = Scope.enter(scopeName);
    try {
      pass.backward(dy, dx, working);
    } finally {
      scope.close();
    }
  }

  /** Forgets what was saved; its memory may be gone. */
  void clear() {
    pass.clear();
  }
}
