package org.ergometer.accounting.predict;

import org.jspecify.annotations.Nullable;

/** Makes a shape that differs from another in what is said. */
public final class TransformerShapeBuilder {

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

  TransformerShapeBuilder(TransformerShape shape) {
    layers = shape.layers();
    width = shape.width();
    heads = shape.heads();
    keyValueHeads = shape.keyValueHeads();
    headDim = shape.headDim();
    feedForward = shape.feedForward();
    experts = shape.mixture().experts();
    activeExperts = shape.mixture().active();
    activation = shape.activation();
    norm = shape.norm();
    positions = shape.positions();
    vocabulary = shape.vocabulary();
    context = shape.context();
    positionRows = shape.positionRows();
    blockNorms = shape.blockNorms();
    qkNorm = shape.qkNorm();
    embeddingNorm = shape.embeddingNorm();
    finalNorm = shape.finalNorm();
    tied = shape.tied();
    bias = shape.bias();
    qkvBias = shape.qkvBias();
    normBias = shape.normBias();
    ropeBase = shape.ropeBase();
    normEpsilon = shape.normEpsilon();
    sharedExperts = shape.mixture().shared();
    denseLayers = shape.mixture().denseLayers();
    denseFeedForward = shape.mixture().denseFeedForward();
    routerBias = shape.mixture().routerBias();
    latent = shape.latent();
  }

  public TransformerShapeBuilder layers(int value) {
    layers = value;
    return this;
  }

  public TransformerShapeBuilder width(int value) {
    width = value;
    return this;
  }

  public TransformerShapeBuilder heads(int value) {
    heads = value;
    return this;
  }

  public TransformerShapeBuilder keyValueHeads(int value) {
    keyValueHeads = value;
    return this;
  }

  public TransformerShapeBuilder headDim(int value) {
    headDim = value;
    return this;
  }

  public TransformerShapeBuilder feedForward(int value) {
    feedForward = value;
    return this;
  }

  /** A mixture of experts, {@code active} of them for each token. */
  public TransformerShapeBuilder experts(int all, int active) {
    experts = all;
    activeExperts = active;
    return this;
  }

  public TransformerShapeBuilder activation(Activation value) {
    activation = value;
    return this;
  }

  public TransformerShapeBuilder norm(Norm value) {
    norm = value;
    return this;
  }

  /** Positions; learned ones have a row for each token of the context. */
  public TransformerShapeBuilder positions(Positions value) {
    positions = value;
    positionRows = value == Positions.LEARNED ? context : 0;
    return this;
  }

  /** Rows of the learned position embedding, where they are more than the context. */
  public TransformerShapeBuilder positionRows(int value) {
    positionRows = value;
    return this;
  }

  public TransformerShapeBuilder vocabulary(int value) {
    vocabulary = value;
    return this;
  }

  /** The longest sequence; learned positions get as many rows. */
  public TransformerShapeBuilder context(int value) {
    context = value;
    return positions(positions);
  }

  public TransformerShapeBuilder blockNorms(int value) {
    blockNorms = value;
    return this;
  }

  public TransformerShapeBuilder qkNorm(boolean value) {
    qkNorm = value;
    return this;
  }

  public TransformerShapeBuilder embeddingNorm(boolean value) {
    embeddingNorm = value;
    return this;
  }

  public TransformerShapeBuilder finalNorm(boolean value) {
    finalNorm = value;
    return this;
  }

  public TransformerShapeBuilder tied(boolean value) {
    tied = value;
    return this;
  }

  /** Biases of all linear layers and layer norms. */
  public TransformerShapeBuilder bias(boolean value) {
    bias = value;
    qkvBias = value;
    normBias = value;
    return this;
  }

  /** Biases of queries, keys and values, where they are not those of the other layers. */
  public TransformerShapeBuilder qkvBias(boolean value) {
    qkvBias = value;
    return this;
  }

  /** Biases of layer norms, where they are not those of linear layers. */
  public TransformerShapeBuilder normBias(boolean value) {
    normBias = value;
    return this;
  }

  public TransformerShapeBuilder ropeBase(double value) {
    ropeBase = value;
    return this;
  }

  public TransformerShapeBuilder normEpsilon(double value) {
    normEpsilon = value;
    return this;
  }

  /** Networks of each block with experts that every token goes through. */
  public TransformerShapeBuilder sharedExperts(int value) {
    sharedExperts = value;
    return this;
  }

  /** First blocks, with one network of {@code hidden} units in place of experts. */
  public TransformerShapeBuilder denseLayers(int count, int hidden) {
    denseLayers = count;
    denseFeedForward = hidden;
    return this;
  }

  public TransformerShapeBuilder routerBias(boolean value) {
    routerBias = value;
    return this;
  }

  /** Latent attention; null for one matrix each of queries, keys and values. */
  public TransformerShapeBuilder latent(@Nullable LatentAttention value) {
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
        new Mixture(
            experts, activeExperts, sharedExperts, denseLayers, denseFeedForward, routerBias),
        latent);
  }
}
