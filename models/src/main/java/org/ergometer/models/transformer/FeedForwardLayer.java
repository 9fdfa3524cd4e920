package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.ergometer.accounting.predict.LayerNames;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Second half of a pre-norm block: y = x + down(hidden(norm(x))), the hidden layer being plain or
 * gated.
 *
 * <p>Dimensions: B batch, T time, C width, F feed-forward width; x and y [B, T, C].
 */
final class FeedForwardLayer extends ResidualLayer {

  private final Normalization norm;
  private final HiddenLayer hiddenLayer;
  private final Linear down;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normed output of the norm [B·T, C]
   * @param hidden hidden units [B·T, F]
   */
  private record Saved(INDArray normed, INDArray hidden) {}

  FeedForwardLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    norm = new Normalization(this, Sublayer.NORM, LayerNames.feedForwardNorm(layerConf().block()));
    hiddenLayer = HiddenLayer.of(shape().activation(), this);
    down = new Linear(this, Sublayer.DOWN);
  }

  @Override
  void branch(INDArray x, INDArray y, Memory kept, Memory working) {
    Memory inputs = inputs(kept, working);
    INDArray normed = norm.forward(rows(x), inputs, kept);
    INDArray hidden = hiddenLayer.forward(normed, inputs, kept);
    down.forward(hidden, rows(y), kept);
    saved = new Saved(normed, hidden);
  }

  @Override
  INDArray backward(INDArray dy, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    INDArray rows = rows(dy);
    INDArray dHidden = working.like(forward.hidden);
    down.backward(forward.hidden, rows, dHidden, working);
    INDArray dNormed = working.like(rows);
    hiddenLayer.backward(forward.normed, dHidden, dNormed, working);
    return norm.backward(dNormed, rows(dx), working);
  }

  @Override
  void forget() {
    saved = null;
    norm.clear();
    hiddenLayer.clear();
  }
}
