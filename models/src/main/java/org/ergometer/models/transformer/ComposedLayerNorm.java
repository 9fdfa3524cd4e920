package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Layer normalization composed of element-wise ops and row means: ND4J's own {@code layer_norm_bp}
 * takes several times as long. N rows, C width.
 */
final class ComposedLayerNorm implements LayerNorm.Pass {

  private final TransformerLayer layer;
  private final TensorOps ops;
  private final INDArray epsilon;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normalized x̂ [N, C]
   * @param inverseDeviation 1 / sqrt(variance + ε) [N, 1]
   */
  private record Saved(INDArray normalized, INDArray inverseDeviation) {}

  ComposedLayerNorm(TransformerLayer layer) {
    this.layer = layer;
    this.ops = layer.ops;
    this.epsilon = ops.constant(LayerNorm.EPSILON);
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray normalized = memory.like(x);
    INDArray inverseDeviation = memory.array(x.size(0), 1);
    standardize(x, normalized, inverseDeviation, y);
    ops.multiply(normalized, layer.parameter(Sublayer.NORM_GAIN), y);
    INDArray bias = layer.optionalParameter(Sublayer.NORM_BIAS);
    if (bias != null) {
      ops.add(y, bias, y);
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
    ops.sumColumns(product, layer.gradient(Sublayer.NORM_GAIN), working);
    INDArray biasGradient = layer.optionalGradient(Sublayer.NORM_BIAS);
    if (biasGradient != null) {
      ops.sumColumns(dy, biasGradient, working);
    }
    inputGradient(forward, dy, product, dx, working.array(dy.size(0), 1));
  }

  /** From dy, and from dy · x̂, which is overwritten. */
  private void inputGradient(
      Saved forward, INDArray dy, INDArray product, INDArray dx, INDArray mean) {
    INDArray gain = layer.parameter(Sublayer.NORM_GAIN);
    ops.multiply(product, gain, product);
    ops.meanRows(product, mean);
    ops.multiply(forward.normalized, mean, product);
    ops.multiply(dy, gain, dx);
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
