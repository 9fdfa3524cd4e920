package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.predict.LayerNames;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * First half of a pre-norm block: y = x + projection(attention(norm(x))), with causal multi-head
 * self-attention softmax(q·kᵀ / sqrt(K)) · v (Vaswani et al. 2017).
 *
 * <p>Dimensions: B batch, T time, C width, H heads, K = C/H head dimension. One product makes
 * queries, keys and values, [B·T, 3C] with q, k and v side by side and the heads in order within
 * each, as in GPT-2's published weights. Heads are strided views of it: nothing is copied.
 */
final class AttentionLayer extends TransformerLayer {

  private final LayerNorm norm;
  private final Linear qkvMap;
  private final Linear projection;
  private final CausalSoftmax softmax;
  private final INDArray scale;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normed output of the norm [B·T, C]
   * @param qkv queries, keys and values [B·T, 3C]
   * @param weights attention weights after softmax [B, H, T, T]
   * @param mixed weighted sums of the values [B·T, C]
   */
  private record Saved(INDArray normed, INDArray qkv, INDArray weights, INDArray mixed) {}

  AttentionLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    norm = new LayerNorm(this, LayerNames.attentionNorm(layerConf().block()));
    qkvMap = new Linear(this, Sublayer.QKV);
    projection = new Linear(this, Sublayer.PROJECTION);
    double factor = 1 / Math.sqrt(shape().headDim());
    softmax = CausalSoftmax.of(ops, factor);
    scale = ops.constant(factor);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.saved(workspaces, training, dataType);
    INDArray y = Memory.activations(workspaces, dataType).like(x);
    long batch = x.size(0);
    long time = x.size(1);
    INDArray rows = rows(x);

    INDArray normed = memory.like(rows);
    norm.forward(rows, normed, memory);
    INDArray qkv = memory.array(rows.size(0), 3 * rows.size(1));
    qkvMap.forward(normed, qkv);
    INDArray weights = memory.array(batch, shape().heads(), time, time);
    ops.productTransposedB(part(qkv, 0, batch), part(qkv, 1, batch), weights);
    softmax.forward(weights);
    INDArray mixed = memory.like(rows);
    ops.product(weights, part(qkv, 2, batch), heads(mixed, batch));
    projection.forward(mixed, rows(y));
    ops.add(y, x, y);
    saved = new Saved(normed, qkv, weights, mixed);
    return y;
  }

  @Override
  INDArray backward(INDArray dy, LayerWorkspaceMgr workspaces) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    Memory working = Memory.backwardWorking(workspaces, dataType);
    INDArray dx = Memory.activationGradients(workspaces, dataType).like(dy);
    INDArray rows = rows(dy);

    INDArray dMixed = working.like(rows);
    projection.backward(forward.mixed, rows, dMixed, working);
    INDArray dQkv = working.like(forward.qkv);
    attentionBackward(forward, dMixed, dQkv, dy.size(0), working);
    INDArray dNormed = working.like(rows);
    qkvMap.backward(forward.normed, dQkv, dNormed, working);
    norm.backward(dNormed, rows(dx), working);
    ops.add(dx, dy, dx);
    return dx;
  }

  @Override
  public void clear() {
    super.clear();
    saved = null;
    norm.clear();
  }

  /**
   * Sets the gradient of queries, keys and values.
   *
   * <p>The scores were scaled: the scale goes into the gradient of the sums, which is smaller than
   * that of the scores.
   */
  private void attentionBackward(
      Saved forward, INDArray dMixed, INDArray dQkv, long batch, Memory working) {
    INDArray weights = forward.weights;
    ops.productTransposedA(weights, heads(dMixed, batch), part(dQkv, 2, batch));
    INDArray dScores = working.like(weights);
    ops.multiply(dMixed, scale, dMixed);
    ops.productTransposedB(heads(dMixed, batch), part(forward.qkv, 2, batch), dScores);
    softmax.backward(weights, dScores, working);
    ops.product(dScores, part(forward.qkv, 1, batch), part(dQkv, 0, batch));
    ops.productTransposedA(dScores, part(forward.qkv, 0, batch), part(dQkv, 1, batch));
  }

  /** Queries (0), keys (1) or values (2) of [B·T, 3C], as a view [B, H, T, K]. */
  private INDArray part(INDArray qkv, int index, long batch) {
    long width = shape().width();
    return heads(
        qkv.get(NDArrayIndex.all(), NDArrayIndex.interval(index * width, (index + 1) * width)),
        batch);
  }

  /** [B·T, C] as a view [B, H, T, K]. */
  private INDArray heads(INDArray x, long batch) {
    long time = x.size(0) / batch;
    return x.reshape('c', batch, time, shape().heads(), shape().headDim()).permute(0, 2, 1, 3);
  }
}
