package org.ergometer.accounting.predict;

import org.jspecify.annotations.Nullable;

/**
 * Sizes and functions of a decoder-only transformer: token embedding, blocks of causal
 * self-attention and a feed-forward network, a final norm and an output head. {@link #gpt2} and
 * {@link Builder} start from GPT-2 (Radford et al. 2019).
 *
 * @param layers number of blocks, L
 * @param width model width, d (also d_model)
 * @param heads query heads of attention, H
 * @param keyValueHeads heads of keys and values; divides {@code heads}; fewer than {@code heads} in
 *     grouped-query attention (Ainslie et al. 2023), 1 in multi-query attention (Shazeer 2019)
 * @param headDim width of one head, k; in latent attention, of queries and keys without the
 *     channels that turn with the position
 * @param feedForward width of the feed-forward hidden layer, f
 * @param experts feed-forward networks of a block; 1 without a mixture of experts
 * @param activeExperts networks that each token goes through
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
 * @param sharedExperts networks that every token goes through beside the active ones (Dai et al.
 *     2024)
 * @param denseLayers blocks before the first one that has experts
 * @param denseFeedForward hidden width of their networks; 0 where there are none
 * @param routerBias whether the router has a number for each expert beside its matrix
 * @param latent how queries, keys and values are made where it is not by one matrix each; null else
 */
public record TransformerShape(
    int layers,
    int width,
    int heads,
    int keyValueHeads,
    int headDim,
    int feedForward,
    int experts,
    int activeExperts,
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
    int sharedExperts,
    int denseLayers,
    int denseFeedForward,
    boolean routerBias,
    @Nullable LatentAttention latent) {

  /** θ of Su et al. 2021 and of Llama. */
  public static final double ROPE_BASE = 10_000;

  /** ε of GPT-2 and of Llama 2. */
  public static final double NORM_EPSILON = 1e-5;

  public TransformerShape {
    atLeastOne("layers", layers);
    atLeastOne("width", width);
    atLeastOne("heads", heads);
    atLeastOne("kv-heads", keyValueHeads);
    atLeastOne("head-dim", headDim);
    atLeastOne("ffn", feedForward);
    atLeastOne("experts", experts);
    atLeastOne("active-experts", activeExperts);
    atLeastOne("vocabulary", vocabulary);
    atLeastOne("context", context);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "kv-heads must divide heads, got heads %d and kv-heads %d; set --heads or --kv-heads"
              .formatted(heads, keyValueHeads));
    }
    if (activeExperts > experts) {
      throw new IllegalArgumentException(
          "active-experts must be <= experts, got %d of %d; set --experts or --active-experts"
              .formatted(activeExperts, experts));
    }
    if (positions == Positions.LEARNED ? positionRows < context : positionRows != 0) {
      throw new IllegalArgumentException(
          "position rows must be >= context where positions are learned and 0 elsewhere, got %d"
                  .formatted(positionRows)
              + " with context %d and %s positions; set --context or --positions"
                  .formatted(context, positions.label()));
    }
    if (blockNorms != 1 && blockNorms != 2 && blockNorms != 4) {
      throw new IllegalArgumentException(
          "block-norms must be 1, 2 or 4, got %d; set --block-norms".formatted(blockNorms));
    }
    if (!(ropeBase >= 1 && Double.isFinite(ropeBase))) {
      throw new IllegalArgumentException(
          "rope-base must be >= 1, got %s; set --rope-base".formatted(ropeBase));
    }
    if (!(normEpsilon >= 0 && Double.isFinite(normEpsilon))) {
      throw new IllegalArgumentException(
          "norm-epsilon must be >= 0, got %s; set --norm-epsilon".formatted(normEpsilon));
    }
    if ((long) heads * headDim > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "heads times head-dim must be below 2^31, got %d heads of %d; set --heads or --head-dim"
              .formatted(heads, headDim));
    }
    requireMixture(layers, experts, sharedExperts, denseLayers, denseFeedForward, routerBias);
    if (latent != null) {
      boolean plain = heads == keyValueHeads && !bias && !qkvBias && !qkNorm;
      if (!plain || positions != Positions.ROPE) {
        throw new IllegalArgumentException(
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
        1,
        1,
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
        0,
        0,
        0,
        false,
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
    atLeastOne("width", width);
    atLeastOne("heads", heads);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "width must be a multiple of heads, got width %d and heads %d; set --width or --heads, or"
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
  public Builder toBuilder() {
    return new Builder(this);
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
    return experts > 1 ? layers - denseLayers : 0;
  }

  /** Feed-forward networks of all blocks that one token goes through. */
  public long activeNetworks() {
    return denseLayers + (layers - denseLayers) * ((long) activeExperts + sharedExperts);
  }

  /** Hidden units of all blocks that one token goes through. */
  public long activeHidden() {
    return Math.addExact(
        (long) denseLayers * denseFeedForward,
        Math.multiplyExact(
            (layers - denseLayers) * ((long) activeExperts + sharedExperts), (long) feedForward));
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
    long router = Math.multiplyExact((long) mixtureLayers(), (long) width * experts);
    return Math.addExact(
        Math.multiplyExact((long) layers, attention),
        Math.addExact(activeFeedForwardMatrices(), router));
  }

  /** Weights of feed-forward matrices in all blocks that one token is multiplied with. */
  public long activeFeedForwardMatrices() {
    return Math.multiplyExact((long) activation.matrices() * width, activeHidden());
  }

  private static void requireMixture(
      int layers,
      int experts,
      int sharedExperts,
      int denseLayers,
      int denseFeedForward,
      boolean routerBias) {
    if (experts == 1 && (sharedExperts != 0 || denseLayers != 0 || routerBias)) {
      throw new IllegalArgumentException(
          "shared-experts, dense-layers and router-bias belong to a mixture of experts; set"
              + " --experts");
    }
    if (sharedExperts < 0) {
      throw new IllegalArgumentException(
          "shared-experts must be >= 0, got %d; set --shared-experts".formatted(sharedExperts));
    }
    if (denseLayers < 0 || (denseLayers >= layers && experts > 1)) {
      throw new IllegalArgumentException(
          "dense-layers must be >= 0 and below layers, got %d of %d; set --dense-layers or --layers"
              .formatted(denseLayers, layers));
    }
    if (denseLayers == 0 ? denseFeedForward != 0 : denseFeedForward < 1) {
      throw new IllegalArgumentException(
          "dense-ffn must be >= 1 where there are dense-layers and 0 elsewhere, got %d; set"
                  .formatted(denseFeedForward)
              + " --dense-ffn");
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s must be >= 1, got %d; set --%s".formatted(name, value, name));
    }
  }

  /** Makes a shape that differs from another in what is said. */
  public static final class Builder {

    private int layers;
    private int width;
    private int heads;
    private int keyValueHeads;
    private int headDim;
    private int feedForward;
    private int experts;
    private int activeExperts;
    private Activation activation;
    private Norm norm;
    private Positions positions;
    private int vocabulary;
    private int context;
    private int positionRows;
    private int blockNorms;
    private boolean qkNorm;
    private boolean embeddingNorm;
    private boolean finalNorm;
    private boolean tied;
    private boolean bias;
    private boolean qkvBias;
    private boolean normBias;
    private double ropeBase;
    private double normEpsilon;
    private int sharedExperts;
    private int denseLayers;
    private int denseFeedForward;
    private boolean routerBias;
    private @Nullable LatentAttention latent;

    private Builder(TransformerShape shape) {
      layers = shape.layers;
      width = shape.width;
      heads = shape.heads;
      keyValueHeads = shape.keyValueHeads;
      headDim = shape.headDim;
      feedForward = shape.feedForward;
      experts = shape.experts;
      activeExperts = shape.activeExperts;
      activation = shape.activation;
      norm = shape.norm;
      positions = shape.positions;
      vocabulary = shape.vocabulary;
      context = shape.context;
      positionRows = shape.positionRows;
      blockNorms = shape.blockNorms;
      qkNorm = shape.qkNorm;
      embeddingNorm = shape.embeddingNorm;
      finalNorm = shape.finalNorm;
      tied = shape.tied;
      bias = shape.bias;
      qkvBias = shape.qkvBias;
      normBias = shape.normBias;
      ropeBase = shape.ropeBase;
      normEpsilon = shape.normEpsilon;
      sharedExperts = shape.sharedExperts;
      denseLayers = shape.denseLayers;
      denseFeedForward = shape.denseFeedForward;
      routerBias = shape.routerBias;
      latent = shape.latent;
    }

    public Builder layers(int value) {
      layers = value;
      return this;
    }

    public Builder width(int value) {
      width = value;
      return this;
    }

    public Builder heads(int value) {
      heads = value;
      return this;
    }

    public Builder keyValueHeads(int value) {
      keyValueHeads = value;
      return this;
    }

    public Builder headDim(int value) {
      headDim = value;
      return this;
    }

    public Builder feedForward(int value) {
      feedForward = value;
      return this;
    }

    /** A mixture of experts, {@code active} of them for each token. */
    public Builder experts(int all, int active) {
      experts = all;
      activeExperts = active;
      return this;
    }

    public Builder activation(Activation value) {
      activation = value;
      return this;
    }

    public Builder norm(Norm value) {
      norm = value;
      return this;
    }

    /** Positions; learned ones have a row for each token of the context. */
    public Builder positions(Positions value) {
      positions = value;
      positionRows = value == Positions.LEARNED ? context : 0;
      return this;
    }

    /** Rows of the learned position embedding, where they are more than the context. */
    public Builder positionRows(int value) {
      positionRows = value;
      return this;
    }

    public Builder vocabulary(int value) {
      vocabulary = value;
      return this;
    }

    /** The longest sequence; learned positions get as many rows. */
    public Builder context(int value) {
      context = value;
      return positions(positions);
    }

    public Builder blockNorms(int value) {
      blockNorms = value;
      return this;
    }

    public Builder qkNorm(boolean value) {
      qkNorm = value;
      return this;
    }

    public Builder embeddingNorm(boolean value) {
      embeddingNorm = value;
      return this;
    }

    public Builder finalNorm(boolean value) {
      finalNorm = value;
      return this;
    }

    public Builder tied(boolean value) {
      tied = value;
      return this;
    }

    /** Biases of all linear layers and layer norms. */
    public Builder bias(boolean value) {
      bias = value;
      qkvBias = value;
      normBias = value;
      return this;
    }

    /** Biases of queries, keys and values, where they are not those of the other layers. */
    public Builder qkvBias(boolean value) {
      qkvBias = value;
      return this;
    }

    /** Biases of layer norms, where they are not those of linear layers. */
    public Builder normBias(boolean value) {
      normBias = value;
      return this;
    }

    public Builder ropeBase(double value) {
      ropeBase = value;
      return this;
    }

    public Builder normEpsilon(double value) {
      normEpsilon = value;
      return this;
    }

    /** Networks of each block with experts that every token goes through. */
    public Builder sharedExperts(int value) {
      sharedExperts = value;
      return this;
    }

    /** First blocks, with one network of {@code hidden} units in place of experts. */
    public Builder denseLayers(int count, int hidden) {
      denseLayers = count;
      denseFeedForward = hidden;
      return this;
    }

    public Builder routerBias(boolean value) {
      routerBias = value;
      return this;
    }

    /** Latent attention; null for one matrix each of queries, keys and values. */
    public Builder latent(@Nullable LatentAttention value) {
      latent = value;
      return this;
    }

    /** The shape. */
    public TransformerShape build() {
      return new TransformerShape(
          layers,
          width,
          heads,
          keyValueHeads,
          headDim,
          feedForward,
          experts,
          activeExperts,
          activation,
          norm,
          positions,
          vocabulary,
          context,
          positionRows,
          blockNorms,
          qkNorm,
          embeddingNorm,
          finalNorm,
          tied,
          bias,
          qkvBias,
          normBias,
          ropeBase,
          normEpsilon,
          sharedExperts,
          denseLayers,
          denseFeedForward,
          routerBias,
          latent);
    }
  }
}
