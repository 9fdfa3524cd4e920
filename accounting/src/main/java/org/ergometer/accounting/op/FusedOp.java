package org.ergometer.accounting.op;

/**
 * Custom ops that ND4J does not have and a faster backend may offer, each in place of several; what
 * a backend offers is in its list of custom ops, under these names. All tensors are dense unless
 * their op says otherwise.
 *
 * <p>Dimensions: N rows, C columns.
 */
public enum FusedOp {
  /**
   * y = gain · (x − mean) / sqrt(variance + ε) + bias over each row (Ba, Kiros, Hinton 2016).
   *
   * <p>Inputs x [N, C], gain [C] and, where there is one, bias [C]; outputs y [N, C], mean [N],
   * variance [N]; real argument ε.
   */
  LAYER_NORM("fused_layer_norm", 2, 3),

  /**
   * Gradients of {@link #LAYER_NORM}.
   *
   * <p>Inputs dy [N, C], x [N, C], gain [C], mean [N], variance [N]; outputs dx [N, C], dgain [C]
   * and, where there is a bias, dbias [C]; real argument ε.
   */
  LAYER_NORM_GRADIENT("fused_layer_norm_bp", 5, 2),

  /**
   * GELU as GPT-2 has it (Hendrycks, Gimpel 2016): x/2 · (1 + tanh(sqrt(2/π) · (x + 0.044715·x³))).
   *
   * <p>Input x, output y, of any extents.
   */
  GELU("fused_gelu", 1, 1),

  /** Gradient of {@link #GELU}: inputs x, dy; output dx, which may be dy. */
  GELU_GRADIENT("fused_gelu_bp", 2, 1),

  /** SiLU, x / (1 + exp(−x)): input x, output y, of any extents. */
  SILU("fused_silu", 1, 1),

  /** Gradient of {@link #SILU}: inputs x, dy; output dx, which may be dy. */
  SILU_GRADIENT("fused_silu_bp", 2, 1),

  /**
   * Rotary positions (Su et al. 2021): channels i and i + K/2 of each head, a and b, become a·cos −
   * b·sin and b·cos + a·sin, or with the sines' sign changed, in place.
   *
   * <p>Inputs x [B, T, H, K], cosines and sines [T, 1, K] whose halves are alike; output x, the
   * same array, which may be a view whose last dimension is dense. Integer argument: 1, or −1 to
   * turn back.
   */
  ROTATION("fused_rotation", 3, 1),

  /**
   * Softmax over the last dimension of scaled scores, of which each row sees one column more than
   * the row before; the last row sees all.
   *
   * <p>Input and output [.., Q, K] with K ≥ Q, which may be the same; real argument scale, above 0.
   */
  CAUSAL_SOFTMAX("fused_causal_softmax", 1, 1),

  /**
   * Gradient of a softmax over the last dimension: y ∘ (dy − rowsum(y ∘ dy)).
   *
   * <p>Inputs y, dy; output dx, which may be dy.
   */
  SOFTMAX_GRADIENT("fused_softmax_bp", 2, 1),

  /**
   * Cross-entropy of each row of logits.
   *
   * <p>Inputs logits [N, C], int32 targets [N]; outputs log p [N, C], −log p(target) [N].
   */
  CROSS_ENTROPY("fused_cross_entropy", 2, 2),

  /**
   * Cross-entropy of each row of logits, and the gradient of the mean: (p − 1 at the target) / N.
   *
   * <p>Inputs logits [N, C], int32 targets [N]; outputs gradient [N, C], −log p(target) [N].
   */
  CROSS_ENTROPY_GRADIENT("fused_cross_entropy_bp", 2, 2),

  /**
   * A step of AdamW (Loshchilov, Hutter 2019) over parameters that lie one after the other, the
   * bias correction folded into the rate: with c = scale · gradient, m = β1·m + (1 − β1)·c, v =
   * β2·v + (1 − β2)·c², p = keep·p − rate · m / (sqrt(v) + ε), where keep is 1 outside of the
   * ranges that decay.
   *
   * <p>Inputs gradient, m, v, p [N]; outputs m, v, p, the same arrays. Real arguments: scale, rate,
   * β1, β2, ε, keep, above 0. Integer arguments: where a range that decays begins and where it
   * ends, in turn, ascending.
   */
  ADAMW("fused_adamw", 4, 3);

  private final String label;
  private final int inputs;
  private final int outputs;

  FusedOp(String label, int inputs, int outputs) {
    this.label = label;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /** Name among the custom ops. */
  public String label() {
    return label;
  }

  /** Fewest inputs. */
  public int inputs() {
    return inputs;
  }

  /** Fewest outputs. */
  public int outputs() {
    return outputs;
  }
}
