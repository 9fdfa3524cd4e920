package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Root mean square normalization (Zhang, Sennrich 2019), composed of element-wise ops and row
 * means: y = gain · x̂ with x̂ = x / sqrt(mean(x²) + ε). N rows, C columns.
 */
final class ComposedRmsNorm implements Normalization.Pass {

  private final TransformerLayer layer;
  private final TensorOps ops;
  private final String gain;
  private final INDArray epsilon;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normalized x̂ [N, C]
   * @param inverse 1 / sqrt(mean(x²) + ε) [N, 1]
   */
  private record Saved(INDArray normalized, INDArray inverse) {}

  ComposedRmsNorm(TransformerLayer layer, String name) {
    this.layer = layer;
    this.ops = layer.ops;
    this.gain = Sublayer.gain(name);
    this.epsilon = ops.constant(layer.shape().normEpsilon());
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray normalized = memory.like(x);
    INDArray inverse = memory.array(x.size(0), 1);
    ops.multiply(x, x, normalized);
    ops.meanRows(normalized, inverse);
    ops.add(inverse, epsilon, inverse);
    ops.inverseSquareRoot(inverse, inverse);
    ops.multiply(x, inverse, normalized);
    ops.multiply(normalized, layer.parameter(gain), y);
    saved = new Saved(normalized, inverse);
  }

  /**
   * With g = dy · gain: dx = (g − x̂ · mean(g · x̂)) / sqrt(mean(x²) + ε), the mean over each row.
   */
  @Override
  public void backward(INDArray dy, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    INDArray product = working.like(dy);
    INDArray mean = working.array(dy.size(0), 1);
    ops.multiply(dy, forward.normalized, product);
    ops.sumColumns(product, layer.gradient(gain), working);
    ops.multiply(product, layer.parameter(gain), product);
    ops.meanRows(product, mean);
    ops.multiply(forward.normalized, mean, product);
    ops.multiply(dy, layer.parameter(gain), dx);
    ops.subtract(dx, product, dx);
    ops.multiply(dx, forward.inverse, dx);
  }

  @Override
  public void clear() {
    saved = null;
  }
}
