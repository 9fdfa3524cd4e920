package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Positions;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * First half of a pre-norm block: y = x + projection(attention(norm(x))), with causal multi-head or
 * grouped-query self-attention.
 *
 * <p>Dimensions: B batch, T time, C width, H query heads, V heads of keys and values, K head
 * dimension. One product makes queries, keys and values, [B·T, (H + 2·V)·K] with q, k and v side by
 * side and the heads in order within each, as in GPT-2's published weights. Heads are strided views
 * of it: nothing is copied, but to normalize queries and keys where the shape wants that. Rotation
 * by position comes after it, in place.
 */
final class AttentionLayer extends TransformerLayer {

  private final Normalization norm;
  private final Linear qkvMap;
  private final @Nullable HeadNorm queryNorm;
  private final @Nullable HeadNorm keyNorm;
  private final @Nullable RotaryPositions rotary;
  private final CausalAttention attention;
  private final Linear projection;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param normed output of the norm [B·T, C]
   * @param columns queries [B·T, H·K], keys and values [B·T, V·K]
   * @param mixed weighted sums of the values [B·T, H·K]
   */
  private record Saved(INDArray normed, Columns columns, INDArray mixed) {}

  /** Queries [B·T, H·K], keys and values [B·T, V·K], heads side by side in each. */
  private record Columns(INDArray queries, INDArray keys, INDArray values) {

    CausalAttention.Heads heads(long batch, int headDim) {
      return new CausalAttention.Heads(
          CausalAttention.heads(queries, batch, headDim),
          CausalAttention.heads(keys, batch, headDim),
          CausalAttention.heads(values, batch, headDim));
    }
  }

  AttentionLayer(NeuralNetConfiguration configuration, DataType dataType) {
    super(configuration, dataType);
    int block = layerConf().block();
    int headDim = shape().headDim();
    norm = new Normalization(this, Sublayer.NORM, LayerNames.attentionNorm(block));
    qkvMap = new Linear(this, Sublayer.QKV);
    queryNorm = headNorm(Sublayer.QUERY_NORM, LayerNames.queryNorm(block));
    keyNorm = headNorm(Sublayer.KEY_NORM, LayerNames.keyNorm(block));
    rotary =
        shape().positions() == Positions.ROPE
            ? new RotaryPositions(ops, headDim, shape().context())
            : null;
    attention =
        new ComposedCausalAttention(ops, headDim, shape().heads() / shape().keyValueHeads());
    projection = new Linear(this, Sublayer.PROJECTION);
  }

  private @Nullable HeadNorm headNorm(String name, String scopeName) {
    return shape().qkNorm() ? new HeadNorm(this, name, scopeName) : null;
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr workspaces) {
    Memory memory = Memory.saved(workspaces, training, dataType);
    INDArray y = Memory.activations(workspaces, dataType).like(x);
    long batch = x.size(0);
    INDArray normed = norm.forward(rows(x), memory);
    INDArray qkv = memory.array(normed.size(0), shape().qkvWidth());
    qkvMap.forward(normed, qkv);
    Columns columns = positioned(columns(qkv), batch, memory, workspaces);
    INDArray mixed = memory.array(normed.size(0), shape().attentionWidth());
    attention.forward(columns.heads(batch, shape().headDim()), mixed, memory);
    projection.forward(mixed, rows(y));
    ops.add(y, x, y);
    saved = new Saved(normed, columns, mixed);
    return y;
  }

  /** Queries and keys as they are compared: normalized and rotated where the shape wants that. */
  private Columns positioned(Columns raw, long batch, Memory memory, LayerWorkspaceMgr workspaces) {
    INDArray queries = queryNorm == null ? raw.queries : queryNorm.forward(raw.queries, memory);
    INDArray keys = keyNorm == null ? raw.keys : keyNorm.forward(raw.keys, memory);
    if (rotary != null) {
      Memory working = Memory.forwardWorking(workspaces, dataType);
      rotary.rotate(queries, batch, working);
      rotary.rotate(keys, batch, working);
    }
    return new Columns(queries, keys, raw.values);
  }

  @Override
  INDArray backward(INDArray dy, LayerWorkspaceMgr workspaces) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    Memory working = Memory.backwardWorking(workspaces, dataType);
    INDArray dx = Memory.activationGradients(workspaces, dataType).like(dy);
    INDArray rows = rows(dy);

    INDArray dMixed = working.like(forward.mixed);
    projection.backward(forward.mixed, rows, dMixed, working);
    INDArray dQkv = working.array(rows.size(0), shape().qkvWidth());
    attentionBackward(forward.columns, dMixed, columns(dQkv), dy.size(0), working);
    INDArray dNormed = working.like(rows);
    qkvMap.backward(forward.normed, dQkv, dNormed, working);
    ops.add(norm.backward(dNormed, rows(dx), working), rows, rows(dx));
    return dx;
  }

  /** Sets the gradients of queries, keys and values as the product made them. */
  private void attentionBackward(
      Columns columns, INDArray dMixed, Columns gradients, long batch, Memory working) {
    INDArray dQueries = queryNorm == null ? gradients.queries : working.like(columns.queries);
    INDArray dKeys = keyNorm == null ? gradients.keys : working.like(columns.keys);
    Columns compared = new Columns(dQueries, dKeys, gradients.values);
    int headDim = shape().headDim();
    attention.backward(
        columns.heads(batch, headDim), dMixed, compared.heads(batch, headDim), working);
    if (rotary != null) {
      rotary.rotateBack(dQueries, batch, working);
      rotary.rotateBack(dKeys, batch, working);
    }
    if (queryNorm != null) {
      queryNorm.backward(dQueries, gradients.queries, working);
    }
    if (keyNorm != null) {
      keyNorm.backward(dKeys, gradients.keys, working);
    }
  }

  /** Queries, keys and values as views of [B·T, (H + 2·V)·K]. */
  private Columns columns(INDArray qkv) {
    long keys = shape().attentionWidth();
    long values = keys + (long) shape().keyValueHeads() * shape().headDim();
    return new Columns(
        columns(qkv, 0, keys), columns(qkv, keys, values), columns(qkv, values, qkv.size(1)));
  }

  private static INDArray columns(INDArray x, long from, long to) {
    return x.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
  }

  @Override
  public void clear() {
    super.clear();
    saved = null;
    norm.clear();
    if (queryNorm != null) {
      queryNorm.clear();
    }
    if (keyNorm != null) {
      keyNorm.clear();
    }
    attention.clear();
  }
}
