package org.ergometer.models.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.LayerNames;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.Recompute;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

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
final class AttentionLayer extends ResidualLayer {

  private final Normalization norm;
  private final Linear qkvMap;
  private final @Nullable HeadNorm queryNorm;
  private final @Nullable HeadNorm keyNorm;
  private final @Nullable RotaryPositions rotary;
  private final CausalAttention attention;
  private final Linear projection;

  /** What came before the input, where a text goes on. */
  private @Nullable KeyValueCache cache;

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

    CausalAttention.Heads heads(Views views, long batch, int headDim) {
      return new CausalAttention.Heads(
          views.heads(queries, batch, headDim),
          views.heads(keys, batch, headDim),
          views.heads(values, batch, headDim));
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
            ? new RotaryPositions(ops, headDim, shape().context(), shape().ropeBase())
            : null;
    attention =
        new ComposedCausalAttention(ops, views, headDim, shape().heads() / shape().keyValueHeads());
    projection = new Linear(this, Sublayer.PROJECTION);
  }

  private @Nullable HeadNorm headNorm(String name, String scopeName) {
    return shape().qkNorm() ? new HeadNorm(this, name, scopeName) : null;
  }

  @Override
  void branch(INDArray x, INDArray y, Memory kept, Memory working) {
    long batch = x.size(0);
    Memory inputs = inputs(kept, working);
    INDArray normed = norm.forward(rows(x), inputs, kept);
    INDArray qkv = kept.array(normed.size(0), shape().qkvWidth());
    qkvMap.forward(normed, qkv, kept);
    Columns columns = positioned(columns(qkv), batch, kept, working);
    if (cache != null) {
      columns =
          new Columns(columns.queries, cache.keys(columns.keys), cache.values(columns.values));
    }
    INDArray mixed = inputs.array(normed.size(0), shape().attentionWidth());
    boolean again = recompute() == Recompute.ATTENTION;
    attention.forward(
        columns.heads(views, batch, shape().headDim()), mixed, again ? working : kept);
    if (again) {
      attention.clear();
    }
    projection.forward(mixed, rows(y), kept);
    saved = new Saved(normed, columns, mixed);
  }

  /** Queries and keys as they are compared: normalized and rotated where the shape wants that. */
  private Columns positioned(Columns raw, long batch, Memory kept, Memory working) {
    INDArray queries = queryNorm == null ? raw.queries : queryNorm.forward(raw.queries, kept);
    INDArray keys = keyNorm == null ? raw.keys : keyNorm.forward(raw.keys, kept);
    if (rotary != null) {
      long begin = cache == null ? 0 : cache.length();
      rotary.rotate(queries, batch, begin, working);
      rotary.rotate(keys, batch, begin, working);
    }
    return new Columns(queries, keys, raw.values);
  }

  /** Lets the next inputs go on after what a cache holds; null if nothing comes before them. */
  void cache(@Nullable KeyValueCache before) {
    cache = before;
  }

  @Override
  INDArray backward(INDArray dy, INDArray dx, Memory working) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    long batch = dy.size(0);
    INDArray rows = rows(dy);
    if (recompute() == Recompute.ATTENTION) {
      attendAgain(forward, batch, working);
    }
    INDArray dMixed = working.like(forward.mixed);
    projection.backward(forward.mixed, rows, dMixed, working);
    INDArray dQkv = working.array(rows.size(0), shape().qkvWidth());
    attentionBackward(forward.columns, dMixed, columns(dQkv), batch, working);
    INDArray dNormed = working.like(rows);
    qkvMap.backward(forward.normed, dQkv, dNormed, working);
    return norm.backward(dNormed, rows(dx), working);
  }

  /** Selective recomputation: scores, softmax and weighted sums (Korthikanti et al. 2022). */
  private void attendAgain(Saved forward, long batch, Memory working) {
    Scope scope = Scope.enter(Phase.RECOMPUTE);
    try {
      attention.forward(
          forward.columns.heads(views, batch, shape().headDim()),
          working.like(forward.mixed),
          working);
    } finally {
      scope.close();
    }
  }

  /** Sets the gradients of queries, keys and values as the product made them. */
  private void attentionBackward(
      Columns columns, INDArray dMixed, Columns gradients, long batch, Memory working) {
    INDArray dQueries = queryNorm == null ? gradients.queries : working.like(columns.queries);
    INDArray dKeys = keyNorm == null ? gradients.keys : working.like(columns.keys);
    Columns compared = new Columns(dQueries, dKeys, gradients.values);
    int headDim = shape().headDim();
    attention.backward(
        columns.heads(views, batch, headDim),
        dMixed,
        compared.heads(views, batch, headDim),
        working);
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
        views.columns(qkv, 0, keys),
        views.columns(qkv, keys, values),
        views.columns(qkv, values, qkv.size(1)));
  }

  @Override
  void forget() {
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
