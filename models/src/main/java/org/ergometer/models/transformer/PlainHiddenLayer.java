package org.ergometer.models.transformer;

import java.util.Objects;
import org.ergometer.accounting.predict.Activation;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** f(up(x)): N rows (B·T), C width, F feed-forward width. */
final class PlainHiddenLayer implements HiddenLayer {

  private final TransformerLayer layer;
  private final Linear up;
  private final Nonlinearity nonlinearity;
  private @Nullable Saved saved;

  /** What the backward pass needs: input and output of the function [N, F]. */
  private record Saved(INDArray before, INDArray after) {}

  PlainHiddenLayer(Activation activation, TransformerLayer layer) {
    this.layer = layer;
    up = new Linear(layer, Sublayer.UP);
    nonlinearity = Nonlinearity.of(activation, layer.ops);
  }

  @Override
  public INDArray forward(INDArray x, Memory results, Memory kept) {
    INDArray before = kept.array(x.size(0), layer.shape().feedForward());
    up.forward(x, before, kept);
    INDArray after = (nonlinearity.needsResult() ? kept : results).like(before);
    nonlinearity.forward(before, after, kept);
    saved = new Saved(before, after);
    return after;
  }

  @Override
  public void backward(INDArray x, INDArray gradient, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    nonlinearity.backward(forward.before, forward.after, gradient, working);
    up.backward(x, gradient, dx, working);
  }

  @Override
  public void clear() {
    saved = null;
    nonlinearity.clear();
  }
}
