package org.ergometer.models.transformer;

import java.util.Objects;
import org.ergometer.accounting.predict.Activation;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * f(gate(x)) ∘ up(x), a gated linear unit (Shazeer 2020): N rows (B·T), C width, F hidden width.
 */
final class GatedHiddenLayer implements HiddenLayer {

  private final TransformerLayer layer;
  private final Linear gateMap;
  private final Linear up;
  private final Nonlinearity nonlinearity;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param before input of the function [N, F]
   * @param gate output of the function [N, F]
   * @param gated what it is multiplied with [N, F]
   */
  private record Saved(INDArray before, INDArray gate, INDArray gated) {}

  GatedHiddenLayer(Activation activation, TransformerLayer layer) {
    this.layer = layer;
    gateMap = new Linear(layer, Sublayer.GATE);
    up = gateMap.beside(Sublayer.UP);
    nonlinearity = Nonlinearity.of(activation, layer.ops);
  }

  @Override
  public INDArray forward(INDArray x, Memory results, Memory kept) {
    INDArray before = kept.array(x.size(0), layer.shape().feedForward());
    gateMap.forward(x, before, kept);
    INDArray gate = kept.like(before);
    nonlinearity.forward(before, gate, kept);
    INDArray gated = kept.like(before);
    up.forwardBeside(x, gated);
    INDArray hidden = results.like(before);
    layer.ops.multiply(gate, gated, hidden);
    saved = new Saved(before, gate, gated);
    return hidden;
  }

  @Override
  public void backward(INDArray x, INDArray gradient, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    INDArray dGated = working.like(gradient);
    layer.ops.multiply(gradient, forward.gate, dGated);
    layer.ops.multiply(gradient, forward.gated, gradient);
    nonlinearity.backward(forward.before, forward.gate, gradient, working);
    gateMap.backward(x, gradient, dx, working);
    INDArray other = working.like(dx);
    up.backward(x, dGated, other, working);
    layer.ops.add(dx, other, dx);
  }

  @Override
  public void clear() {
    saved = null;
    nonlinearity.clear();
  }
}
