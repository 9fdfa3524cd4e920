package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.ergometer.accounting.predict.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The function that a feed-forward network applies to each element of its hidden layer. */
sealed interface Nonlinearity permits ComposedGelu, FusedNonlinearity, ExactGelu, Relu, Silu {

  /** That of a network; of a gated one, that of its gate. */
  static Nonlinearity of(Activation activation, TensorOps ops) {
    return switch (activation) {
      case GELU -> gelu(ops);
      case GELU_ERF -> new ExactGelu(ops);
      case RELU -> new Relu();
      case SILU, SWIGLU -> silu(ops);
    };
  }

  /**
   * GELU in the form GPT-2 uses (Hendrycks, Gimpel 2016): x/2 · (1 + tanh(sqrt(2/π) · (x +
   * 0.044715·x³))); by one op of the backend where there is one.
   */
  private static Nonlinearity gelu(TensorOps ops) {
    boolean fused = ops.offers(FusedOp.GELU) && ops.offers(FusedOp.GELU_GRADIENT);
    return fused
        ? new FusedNonlinearity(FusedOp.GELU, FusedOp.GELU_GRADIENT)
        : new ComposedGelu(ops);
  }

  private static Nonlinearity silu(TensorOps ops) {
    boolean fused = ops.offers(FusedOp.SILU) && ops.offers(FusedOp.SILU_GRADIENT);
    return fused ? new FusedNonlinearity(FusedOp.SILU, FusedOp.SILU_GRADIENT) : new Silu(ops);
  }

  /** Sets {@code y}, which is not x, and keeps in {@code memory} what the backward pass needs. */
  void forward(INDArray x, INDArray y, Memory memory);

  /**
   * Multiplies {@code dy} by the derivative at x.
   *
   * @param y what the forward pass made of x
   * @param dy gradient of the output; becomes that of the input
   */
  void backward(INDArray x, INDArray y, INDArray dy, Memory working);

  /** Whether {@link #backward} reads what the forward pass made. */
  boolean needsResult();

  /** Forgets what was kept; its memory may be gone. */
  void clear();
}
