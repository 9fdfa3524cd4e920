package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.predict.LayerNames;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Second half of a pre-norm block: y = x + down(gelu(up(norm(x)))).
 *
 * <p>Dimensions: B batch, T time, C width, F feed-forward width; x and y [B, T, C].
 */
final class FeedForwardLayer extends TransformerLayer {

  private final LayerNorm norm;
  private final Linear up;
  private final Linear down;
  private final Gelu gelu;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normed output of the norm [B·T, C]
   * @param before input of GELU [B·T, F]
   * @param after output of GELU [B·T, F]
   */
  private record Saved(INDArray normed, INDArray before, INDArray after) {}

  FeedForwardLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    norm = new LayerNorm(this, LayerNames.feedForwardNorm(layerConf().block()));
    up = new Linear(this, Sublayer.UP);
    down = new Linear(this, Sublayer.DOWN);
    gelu = Gelu.of(ops);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.saved(workspaces, training, dataType);
    INDArray y = Memory.activations(workspaces, dataType).like(x);
    INDArray rows = rows(x);

    INDArray normed = memory.like(rows);
    norm.forward(rows, normed, memory);
    INDArray before = memory.array(rows.size(0), shape().feedForward());
    up.forward(normed, before);
    INDArray after = memory.like(before);
    gelu.forward(before, after, memory);
    down.forward(after, rows(y));
    ops.add(y, x, y);
    saved = new Saved(normed, before, after);
    return y;
  }

  @Override
  INDArray backward(INDArray dy, LayerWorkspaceMgr workspaces) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    Memory working = Memory.backwardWorking(workspaces, dataType);
    INDArray dx = Memory.activationGradients(workspaces, dataType).like(dy);
    INDArray rows = rows(dy);

    INDArray dHidden = working.like(forward.after);
    down.backward(forward.after, rows, dHidden, working);
    gelu.backward(forward.before, forward.after, dHidden, working);
    INDArray dNormed = working.like(rows);
    up.backward(forward.normed, dHidden, dNormed, working);
    norm.backward(dNormed, rows(dx), working);
    ops.add(dx, dy, dx);
    return dx;
  }

  @Override
  public void clear() {
    super.clear();
    saved = null;
    norm.clear();
    gelu.clear();
  }
}
