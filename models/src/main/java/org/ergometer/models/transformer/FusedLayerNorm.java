package org.ergometer.models.transformer;

import java.util.List;
import java.util.Objects;
import org.ergometer.accounting.op.FusedOp;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer normalization by one op of the backend for each pass; N rows, C width. */
final class FusedLayerNorm implements LayerNorm.Pass {

  private final TransformerLayer layer;
  private final Kernel forward = new Kernel(FusedOp.LAYER_NORM.label()).reals(LayerNorm.EPSILON);
  private final Kernel backward =
      new Kernel(FusedOp.LAYER_NORM_GRADIENT.label()).reals(LayerNorm.EPSILON);
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param x input [N, C]
   * @param mean of each row [N]
   * @param variance of each row [N]
   */
  private record Saved(INDArray x, INDArray mean, INDArray variance) {}

  FusedLayerNorm(TransformerLayer layer) {
    this.layer = layer;
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray mean = memory.array(x.size(0));
    INDArray variance = memory.array(x.size(0));
    INDArray gain = layer.parameter(Sublayer.NORM_GAIN);
    INDArray bias = layer.optionalParameter(Sublayer.NORM_BIAS);
    List<INDArray> outputs = List.of(y, mean, variance);
    if (bias == null) {
      forward.run(outputs, x, gain);
    } else {
      forward.run(outputs, x, gain, bias);
    }
    saved = new Saved(x, mean, variance);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, Memory working) {
    Saved present = Objects.requireNonNull(saved, "backward without forward");
    INDArray gainGradient = layer.gradient(Sublayer.NORM_GAIN);
    INDArray biasGradient = layer.optionalGradient(Sublayer.NORM_BIAS);
    backward.run(
        biasGradient == null ? List.of(dx, gainGradient) : List.of(dx, gainGradient, biasGradient),
        dy,
        present.x,
        layer.parameter(Sublayer.NORM_GAIN),
        present.mean,
        present.variance);
  }

  @Override
  public void clear() {
    saved = null;
  }
}
