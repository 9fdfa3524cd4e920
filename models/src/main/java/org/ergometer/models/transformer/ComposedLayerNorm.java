package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalization (Ba, Kiros, Hinton 2016) composed of element-wise ops and row means: ND4J's
 * own {@code layer_norm_bp} takes several times as long. y = gain · x̂ + bias with x̂ = (x − mean)
 * / sqrt(variance + ε), the variance being the biased one; N rows, C columns.
 */
final class ComposedLayerNorm implements Normalization.Pass {

  private final TransformerLayer layer;
  private final TensorOps ops;
  private final String gain;
  private final String bias;
  private final INDArray epsilon;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normalized x̂ [N, C]
   * @param inverseDeviation 1 / sqrt(variance + ε) [N, 1]
   */
  private record Saved(INDArray normalized, INDArray inverseDeviation) {}

  ComposedLayerNorm(TransformerLayer layer, String name) {
    this.layer = layer;
    this.ops = layer.ops;
    this.gain = Sublayer.gain(name);
    this.bias = Sublayer.bias(name);
    this.epsilon = ops.constant(layer.shape().normEpsilon());
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray normalized = memory.like(x);
    INDArray inverseDeviation = memory.array(x.size(0), 1);
    standardize(x, normalized, inverseDeviation, y);
    ops.multiply(normalized, layer.parameter(gain), y);
    INDArray offset = layer.optionalParameter(bias);
    if (offset != null) {
      ops.add(y, offset, y);
    }
    saved = new Saved(normalized, inverseDeviation);
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
   * With g = dy · gain: dx = (g − mean(g) − x̂ · mean(g · x̂)) / sqrt(variance + ε), the means over
   * each row.
   */
  @Override
  public void backward(INDArray dy, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    INDArray product = working.like(dy);
    ops.multiply(dy, forward.normalized, product);
    ops.sumColumns(product, layer.gradient(gain), working);
    INDArray biasGradient = layer.optionalGradient(bias);
    if (biasGradient != null) {
      ops.sumColumns(dy, biasGradient, working);
    }
    inputGradient(forward, dy, product, dx, working.array(dy.size(0), 1));
  }

  /** From dy, and from dy · x̂, which is overwritten. */
  private void inputGradient(
      Saved forward, INDArray dy, INDArray product, INDArray dx, INDArray mean) {
    INDArray factor = layer.parameter(gain);
    ops.multiply(product, factor, product);
    ops.meanRows(product, mean);
    ops.multiply(forward.normalized, mean, product);
    ops.multiply(dy, factor, dx);
    ops.meanRows(dx, mean);
    ops.subtract(dx, mean, dx);
    ops.subtract(dx, product, dx);
    ops.multiply(dx, forward.inverseDeviation, dx);
  }

  @Override
  public void clear() {
    saved = null;
  }
}
