package org.ergometer.accounting.predict;

import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and functions of a decoder-only transformer: token embedding, blocks of causal
 * self-attention and a feed-forward network, a final norm and an output head. {@link #gpt2} and
 * {@link TransformerShapeBuilder} start from GPT-2 (Radford et al. 2019).
 *
 * @param layers number of blocks, L
 * @param width model width, d (also d_model)
 * @param heads query heads of attention, H
 * @param keyValueHeads heads of keys and values; divides {@code heads}; fewer than {@code heads} in
 *     grouped-query attention (Ainslie et al. 2023), 1 in multi-query attention (Shazeer 2019)
 * @param headDim width of one head, k; in latent attention, of queries and keys without the
 *     channels that turn with the position
 * @param feedForward width of the feed-forward hidden layer, f; with a mixture, that of an expert
 * @param vocabulary rows of the token embedding, V
 * @param context longest sequence, T
 * @param positionRows rows of the learned position embedding; 0 where positions are not learned
 * @param blockNorms norms of a block: 2, or 1 where attention and feed-forward share one, as in
 *     PaLM's parallel blocks, or 4 where the output of both is normalized too, as in Gemma 2
 * @param qkNorm whether queries and keys of each head are normalized
 * @param embeddingNorm whether a norm follows the embedding, as in BLOOM
 * @param finalNorm whether a norm follows the last block
 * @param tied whether the output head shares the token embedding's matrix
 * @param bias whether linear layers other than queries, keys and values have biases
 * @param qkvBias whether queries, keys and values have biases, as they alone do in Qwen 2
 * @param normBias whether layer norms have biases, as they alone do in Falcon
 * @param ropeBase θ of rotary positions, of which others take no notice
 * @param normEpsilon ε under the root of a norm
 * @param mixture feed-forward networks of a block, where there are several
 * @param latent how queries, keys and values are made where it is not by one matrix each; null else
 */
public record TransformerShape(
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int headDim,
    int feedForward,
    Activation activation,
    Norm norm,
    Positions positions,
    int vocabulary,
    int context,
    int positionRows,
    int blockNorms,
    boolean qkNorm,
    boolean embeddingNorm,
    boolean finalNorm,
    boolean tied,
    boolean bias,
    boolean qkvBias,
    boolean normBias,
    double ropeBase,
    double normEpsilon,
    Mixture mixture,
    @Nullable LatentAttention latent) {

  /** θ of Su et al. 2021 and of Llama. */
  public static final double ROPE_BASE = 10_000;

  /** ε of GPT-2 and of Llama 2. */
  public static final double NORM_EPSILON = 1e-5;

  public TransformerShape {
    atLeast("layers", layers, 1);
    atLeast("width", width, 1);
    atLeast("heads", heads, 1);
    atLeast("kv-heads", keyValueHeads, 1);
    atLeast("head-dim", headDim, 1);
    atLeast("ffn", feedForward, 1);
    atLeast("vocabulary", vocabulary, 1);
    atLeast("context", context, 1);
    if (heads % keyValueHeads != 0) {
      throw new InvalidInputException(
          "kv-heads must divide heads, got heads %s and kv-heads %s; set --heads or --kv-heads"
              .formatted(heads, keyValueHeads));
    }
    if (positions == Positions.LEARNED ? positionRows < context : positionRows != 0) {
      throw new InvalidInputException(
          "position rows must be >= context where positions are learned and 0 elsewhere, got %s"
                  .formatted(positionRows)
              + " with context %s and %s positions; set --context or --positions"
                  .formatted(context, positions.label()));
    }
    if (blockNorms != 1 && blockNorms != 2 && blockNorms != 4) {
      throw new InvalidInputException(
          "block-norms must be 1, 2 or 4, got %s; set --block-norms".formatted(blockNorms));
    }
    if (!(ropeBase >= 1 && Double.isFinite(ropeBase))) {
      throw new InvalidInputException(
          "rope-base must be >= 1, got %s; set --rope-base".formatted(ropeBase));
    }
    if (!(normEpsilon >= 0 && Double.isFinite(normEpsilon))) {
      throw new InvalidInputException(
          "norm-epsilon must be >= 0, got %s; set --norm-epsilon".formatted(normEpsilon));
    }
    if ((long) heads * headDim > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "heads times head-dim must be below 2^31, got %s heads of %s; set --heads or --head-dim"
              .formatted(heads, headDim));
    }
    mixture.requireWithin(layers);
    if (latent != null) {
      boolean plain = heads == keyValueHeads && !bias && !qkvBias && !qkNorm;
      if (!plain || positions != Positions.ROPE) {
        throw new InvalidInputException(
            "latent attention must have rope positions, as many kv-heads as heads, no biases and no"
                + " qk-norm; set --kv-latent 0, or --positions rope --no-bias");
      }
    }
  }

  /** A GPT-2-style shape: heads as wide together as the model, two matrices, GELU, layer norms. */
  public TransformerShape(
      int layers,
      int width,
      int heads,
      int feedForward,
      int vocabulary,
      int context,
      boolean tied,
      boolean bias) {
    this(
        layers,
        width,
        heads,
        heads,
        headDim(width, heads),
        feedForward,
        Activation.GELU,
        Norm.LAYERNORM,
        Positions.LEARNED,
        vocabulary,
        context,
        context,
        2,
        false,
        false,
        true,
        tied,
        bias,
        bias,
        bias,
        ROPE_BASE,
        NORM_EPSILON,
        Mixture.NONE,
        null);
  }

  /** The shape with GPT-2's defaults: feed-forward 4·width, tied head, biases. */
  public static TransformerShape gpt2(
      int layers, int width, int heads, int vocabulary, int context) {
    return new TransformerShape(
        layers, width, heads, fourfold(width), vocabulary, context, true, true);
  }

  /**
   * Width of a head where heads are together as wide as the model.
   *
   * @throws IllegalArgumentException if the heads do not divide the width
   */
  public static int headDim(int width, int heads) {
    atLeast("width", width, 1);
    atLeast("heads", heads, 1);
    if (width % heads != 0) {
      throw new InvalidInputException(
          "width must be a multiple of heads, got width %s and heads %s; set --width or --heads, or"
                  .formatted(width, heads)
              + " --head-dim");
    }
    return width / heads;
  }

  /** Feed-forward width of GPT-2. */
  public static int fourfold(int width) {
    return (int) Math.min(4L * Math.max(width, 1), Integer.MAX_VALUE);
  }

  /** A builder that starts from this shape. */
  public TransformerShapeBuilder toBuilder() {
    return new TransformerShapeBuilder(this);
  }

  public TransformerShape withBias(boolean newBias) {
    return toBuilder().bias(newBias).build();
  }

  public TransformerShape withTied(boolean newTied) {
    return toBuilder().tied(newTied).build();
  }

  /** Width of all query heads together, a = H·k. */
  public int attentionWidth() {
    return heads * headDim;
  }

  /** Width of queries, keys and values together, (H + 2·kv heads)·k, without latent attention. */
  public long qkvWidth() {
    return ((long) heads + 2L * keyValueHeads) * headDim;
  }

  /** Width of the queries of all heads, and of the keys that they meet. */
  public long queryWidth() {
    return latent == null ? attentionWidth() : (long) heads * ((long) headDim + latent.rotaryDim());
  }

  /** Width of the sums over values of all heads, which the output projection takes. */
  public long valueWidth() {
    return latent == null ? attentionWidth() : (long) heads * latent.valueDim();
  }

  /** Weights of a block that make queries, keys and values of its input. */
  public long qkvWeights() {
    return latent == null
        ? Math.multiplyExact((long) width, qkvWidth())
        : latent.weights(width, heads, headDim);
  }

  /** Blocks with a router and experts. */
  public int mixtureLayers() {
    return mixture.routes() ? layers - mixture.denseLayers() : 0;
  }

  /** Feed-forward networks of all blocks that one token goes through. */
  public long activeNetworks() {
    return mixture.denseLayers() + (layers - mixture.denseLayers()) * mixture.networks();
  }

  /** Hidden units of all blocks that one token goes through. */
  public long activeHidden() {
    return Math.addExact(
        (long) mixture.denseLayers() * mixture.denseFeedForward(),
        Math.multiplyExact(
            (layers - mixture.denseLayers()) * mixture.networks(), (long) feedForward));
  }

  /**
   * All trainable parameters, N; a tied matrix counts once, and all experts count.
   *
   * @throws ArithmeticException if they are 2^63 or more
   */
  public long parameters() {
    return ParameterCount.all(this);
  }

  /** Parameters of matrices, embeddings included: without biases and norms. */
  public long matrixParameters() {
    return toBuilder().bias(false).norm(Norm.NONE).routerBias(false).build().parameters();
  }

  /** Parameters that take part in the work on one token: all but those of idle experts. */
  public long activeParameters() {
    return ParameterCount.active(this);
  }

  /**
   * Parameters of blocks and final norm: without token and position embeddings and without an
   * untied head (Kaplan et al. 2020, section 2.1).
   */
  public long nonEmbeddingParameters() {
    return ParameterCount.nonEmbedding(this);
  }

  /** Weights of matrices in all blocks that one token is multiplied with. */
  public long activeBlockMatrices() {
    long attention = Math.addExact(qkvWeights(), Math.multiplyExact(valueWidth(), (long) width));
    long router = Math.multiplyExact((long) mixtureLayers(), (long) width * mixture.experts());
    return Math.addExact(
        Math.multiplyExact((long) layers, attention),
        Math.addExact(activeFeedForwardMatrices(), router));
  }

  /** Weights of feed-forward matrices in all blocks that one token is multiplied with. */
  public long activeFeedForwardMatrices() {
    return Math.multiplyExact((long) activation.matrices() * width, activeHidden());
  }

  /** Refuses a size that is too small, under the name of its option. */
  static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new InvalidInputException(
          "%s must be >= %s, got %s; set --%s".formatted(name, least, value, name));
    }
  }
}
