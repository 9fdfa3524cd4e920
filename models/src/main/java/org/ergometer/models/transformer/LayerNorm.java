package org.ergometer.models.transformer;

import java.util.Objects;
import org.ergometer.accounting.op.Scope;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016): y = gain · x̂ + bias with
 * x̂ = (x − mean) / sqrt(variance + ε), the variance being the biased one.
 *
 * <p>Dimensions: N rows (B·T), C width. Gain and bias are those of the layer it belongs to; its
 * work is booked under a scope of its own. Composed of element-wise ops and row means: ND4J's own
 * {@code layer_norm_bp} takes several times as long.
 */
final class LayerNorm {

  /** ε of GPT-2. */
  static final double EPSILON = 1e-5;

  private final TransformerLayer layer;
  private final TensorOps ops;
  private final String scopeName;
  private final INDArray epsilon;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normalized x̂ [N, C]
   * @param inverseDeviation 1 / sqrt(variance + ε) [N, 1]
   */
  private record Saved(INDArray normalized, INDArray inverseDeviation) {}

  LayerNorm(TransformerLayer layer, String scopeName) {
    this.layer = layer;
    this.ops = layer.ops;
    this.scopeName = scopeName;
    this.epsilon = ops.constant(EPSILON);
  }

  /** Sets y [N, C] for x [N, C]; y must not be x. */
  void forward(INDArray x, INDArray y, Memory memory) {
    Scope scope = Scope.enter(scopeName);
    try {
      INDArray normalized = memory.like(x);
      INDArray inverseDeviation = memory.array(x.size(0), 1);
      standardize(x, normalized, inverseDeviation, y);
      ops.multiply(normalized, layer.parameter(Sublayer.NORM_GAIN), y);
      INDArray bias = layer.optionalParameter(Sublayer.NORM_BIAS);
      if (bias != null) {
        ops.add(y, bias, y);
      }
      saved = new Saved(normalized, inverseDeviation);
    } finally {
      scope.close();
    }
  }

  private void standardize(
      INDArray x, INDArray normalized, INDArray inverseDeviation, INDArray squares) {
    INDArray rowValues = inverseDeviation;
    ops.meanRows(x, rowValues);
    ops.subtract(x, rowValues, normalized);
    ops.multiply(normalized, normalized, squares);
    ops.meanRows(squares, rowValues);
    ops.add(rowValues, epsilon, rowValues);
    ops.inverseSquareRoot(rowValues, inverseDeviation);
    ops.multiply(normalized, inverseDeviation, normalized);
  }

  /**
   * Sets {@code dx} to the gradient of the norm's input, and the gradients of gain and bias.
   *
   * <p>With g = dy · gain: dx = (g − mean(g) − x̂ · mean(g · x̂)) / sqrt(variance + ε), the means
   * over each row.
   *
   * @param dy gradient of the output [N, C]; overwritten
   */
  void backward(INDArray dy, INDArray dx, Memory working) {
    Scope scope = Scope.enter(scopeName);
    try {
      Saved forward = Objects.requireNonNull(saved, "backward without forward");
      INDArray product = working.like(dy);
      ops.multiply(dy, forward.normalized, product);
      ops.sumColumns(product, layer.gradient(Sublayer.NORM_GAIN), working);
      INDArray biasGradient = layer.optionalGradient(Sublayer.NORM_BIAS);
      if (biasGradient != null) {
        ops.sumColumns(dy, biasGradient, working);
      }
      inputGradient(forward, dy, product, dx, working.array(dy.size(0), 1));
    } finally {
      scope.close();
    }
  }

  /** From dy and dy · x̂, both overwritten. */
  private void inputGradient(
      Saved forward, INDArray dy, INDArray product, INDArray dx, INDArray mean) {
    INDArray gain = layer.parameter(Sublayer.NORM_GAIN);
    ops.multiply(product, gain, product);
    ops.meanRows(product, mean);
    ops.multiply(forward.normalized, mean, product);
    ops.multiply(dy, gain, dy);
    ops.meanRows(dy, mean);
    ops.subtract(dy, mean, dy);
    ops.subtract(dy, product, dy);
    ops.multiply(dy, forward.inverseDeviation, dx);
  }

  /** Forgets what was saved; its memory may be gone. */
  void clear() {
    saved = null;
  }
}
