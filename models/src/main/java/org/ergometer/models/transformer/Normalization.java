package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.Norm;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Normalization of each row, of the kind that the shape says, with a gain and perhaps a bias of the
 * layer it belongs to.
 *
 * <p>Dimensions: N rows, C columns. Its work is booked under a scope of its own. One op of the
 * backend does it where there is one.
 */
final class Normalization {

  /** Nothing where there is no norm. */
  private final @Nullable Pass pass;

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

  /**
   * The norm whose gain and bias are the layer's parameters named after it.
   *
   * @param name as in {@link Sublayer#gain}
   * @param scopeName what its work is booked under
   */
  Normalization(TransformerLayer layer, String name, String scopeName) {
    this.pass = pass(layer.shape().norm(), layer, name);
    this.scopeName = scopeName;
  }

  private static @Nullable Pass pass(Norm norm, TransformerLayer layer, String name) {
    boolean fused =
        layer.ops.offers(FusedOp.LAYER_NORM) && layer.ops.offers(FusedOp.LAYER_NORM_GRADIENT);
    return switch (norm) {
      case LAYERNORM ->
          fused ? new FusedLayerNorm(layer, name) : new ComposedLayerNorm(layer, name);
      case RMSNORM -> new ComposedRmsNorm(layer, name);
      case NONE -> null;
    };
  }

  /**
   * The norm of x [N, C], a new array in {@code results}; x itself where there is no norm.
   *
   * @param kept where arrays go that the backward pass needs
   */
  INDArray forward(INDArray x, Memory results, Memory kept) {
    if (pass == null) {
      return x;
    }
    INDArray y = results.like(x);
    forward(x, y, kept);
    return y;
  }

  /** Sets y [N, C] for x [N, C]; y must not be x. */
  void forward(INDArray x, INDArray y, Memory memory) {
    Scope scope = Scope.enter(scopeName);
    try {
      present().forward(x, y, memory);
    } finally {
      scope.close();
    }
  }

  /**
   * The gradient of the norm's input; sets the gradients of gain and bias. x must still be what it
   * was.
   *
   * @param dy gradient of the output [N, C]
   * @param dx where the gradient goes, not the same array; dy itself is it where there is no norm
   */
  INDArray backward(INDArray dy, INDArray dx, Memory working) {
    if (pass == null) {
      return dy;
    }
    Scope scope = Scope.enter(scopeName);
    try {
      pass.backward(dy, dx, working);
      return dx;
    } finally {
      scope.close();
    }
  }

  private Pass present() {
    if (pass == null) {
      throw new IllegalStateException("there is no norm " + scopeName);
    }
    return pass;
  }

  /** Forgets what was saved; its memory may be gone. */
  void clear() {
    if (pass != null) {
      pass.clear();
    }
  }
}
