package org.ergometer.models.transformer;

import java.util.List;
import java.util.Objects;
import org.ergometer.accounting.op.FusedOp;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer normalization by one op of the backend for each pass; N rows, C columns. */
final class FusedLayerNorm implements Normalization.Pass {

  private final TransformerLayer layer;
  private final String gain;
  private final String bias;
  private final Kernel forward;
  private final Kernel backward;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param x input [N, C]
   * @param mean of each row [N]
   * @param variance of each row [N]
   */
  private record Saved(INDArray x, INDArray mean, INDArray variance) {}

  FusedLayerNorm(TransformerLayer layer, String name) {
    this.layer = layer;
    this.gain = Sublayer.gain(name);
    this.bias = Sublayer.bias(name);
    double epsilon = layer.shape().normEpsilon();
    this.forward = new Kernel(FusedOp.LAYER_NORM.label()).reals(epsilon);
    this.backward = new Kernel(FusedOp.LAYER_NORM_GRADIENT.label()).reals(epsilon);
  }

  @Override
  public void forward(INDArray x, INDArray y, Memory memory) {
    INDArray mean = memory.array(x.size(0));
    INDArray variance = memory.array(x.size(0));
    INDArray factor = layer.parameter(gain);
    INDArray offset = layer.optionalParameter(bias);
    List<INDArray> outputs = List.of(y, mean, variance);
    if (offset == null) {
      forward.run(outputs, x, factor);
    } else {
      forward.run(outputs, x, factor, offset);
    }
    saved = new Saved(x, mean, variance);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, Memory working) {
    Saved present = Objects.requireNonNull(saved, "backward without forward");
    INDArray gainGradient = layer.gradient(gain);
    INDArray biasGradient = layer.optionalGradient(bias);
    backward.run(
        biasGradient == null ? List.of(dx, gainGradient) : List.of(dx, gainGradient, biasGradient),
        dy,
        present.x,
        layer.parameter(gain),
        present.mean,
        present.variance);
  }

  @Override
  public void clear() {
    saved = null;
  }
}
