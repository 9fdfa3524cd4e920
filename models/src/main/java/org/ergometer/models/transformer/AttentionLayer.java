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
  private final CausalMask mask;
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
    mask = new CausalMask(dataType);
    scale = ops.constant(1 / Math.sqrt(shape().headDim()));
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
    maskedSoftmax(weights);
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

  /** Scales scores [B, H, T, T], hides later positions, and makes each row sum to 1. */
  private void maskedSoftmax(INDArray scores) {
    long time = scores.size(3);
    ops.multiply(scores, scale, scores);
    INDArray flat = scores.reshape('c', scores.size(0) * scores.size(1), time * time);
    ops.add(flat, mask.flat(Math.toIntExact(time)), flat);
    ops.softmax(scores, scores);
  }

  /**
   * Sets the gradient of queries, keys and values.
   *
   * <p>The gradient of the scores is P ∘ (dP − rowsum(P ∘ dP)), and that row sum equals the row sum
   * of mixed ∘ dMixed within the head (Dao et al. 2022, section 3), which is K wide instead of T.
   */
  private void attentionBackward(
      Saved forward, INDArray dMixed, INDArray dQkv, long batch, Memory working) {
    INDArray weights = forward.weights;
    INDArray dHeads = heads(dMixed, batch);
    INDArray dScores = working.like(weights);
    ops.productTransposedB(dHeads, part(forward.qkv, 2, batch), dScores);
    ops.productTransposedA(weights, dHeads, part(dQkv, 2, batch));

    ops.subtract(dScores, rowSums(forward.mixed, dMixed, batch, working), dScores);
    ops.multiply(dScores, weights, dScores);
    ops.multiply(dScores, scale, dScores);
    ops.product(dScores, part(forward.qkv, 1, batch), part(dQkv, 0, batch));
    ops.productTransposedA(dScores, part(forward.qkv, 0, batch), part(dQkv, 1, batch));
  }

  /** Sums of mixed ∘ dMixed over each head, as [B, H, T, 1]. */
  private INDArray rowSums(INDArray mixed, INDArray dMixed, long batch, Memory working) {
    long heads = shape().heads();
    long rows = mixed.size(0);
    INDArray product = working.like(mixed);
    ops.multiply(mixed, dMixed, product);
    INDArray sums = working.array(rows * heads, 1);
    ops.sumRows(product.reshape('c', rows * heads, shape().headDim()), sums);
    return sums.reshape('c', batch, rows / batch, heads, 1).permute(0, 2, 1, 3);
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
