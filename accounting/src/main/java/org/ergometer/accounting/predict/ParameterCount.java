package org.ergometer.accounting.predict;

/** Counts the parameters of a {@link TransformerShape}; all throw where they are 2^63 or more. */
final class ParameterCount {

  private ParameterCount() {}

  static long all(TransformerShape shape) {
    long matrix = (long) shape.vocabulary() * shape.width();
    long embeddings =
        Math.addExact(matrix, (long) shape.positionRows() * shape.width())
            + (shape.embeddingNorm() ? norm(shape) : 0);
    return Math.addExact(nonEmbedding(shape), Math.addExact(embeddings, shape.tied() ? 0 : matrix));
  }

  static long active(TransformerShape shape) {
    Mixture mixture = shape.mixture();
    long idle =
        Math.multiplyExact(
            (long) mixture.experts() - mixture.active(), network(shape, shape.feedForward()));
    return all(shape) - Math.multiplyExact(idle, (long) shape.layers() - mixture.denseLayers());
  }

  static long nonEmbedding(TransformerShape shape) {
    Mixture mixture = shape.mixture();
    long block = Math.addExact(attention(shape), shape.blockNorms() * norm(shape));
    long dense =
        Math.multiplyExact(
            (long) mixture.denseLayers(), network(shape, mixture.denseFeedForward()));
    long experts = (long) mixture.experts() + mixture.shared();
    long routed =
        Math.addExact(
            Math.multiplyExact(experts, network(shape, shape.feedForward())), router(shape));
    long networks =
        Math.addExact(
            dense, Math.multiplyExact((long) shape.layers() - mixture.denseLayers(), routed));
    return Math.addExact(
        Math.addExact(Math.multiplyExact((long) shape.layers(), block), networks),
        shape.finalNorm() ? norm(shape) : 0);
  }

  private static long attention(TransformerShape shape) {
    long width = shape.width();
    long matrices =
        Math.addExact(shape.qkvWeights(), Math.multiplyExact(shape.valueWidth(), width));
    LatentAttention latent = shape.latent();
    long latentNorms =
        latent == null
            ? 0
            : norm(shape, latent.keyValueRank())
                + (latent.queryRank() == 0 ? 0 : norm(shape, latent.queryRank()));
    long biases = (shape.qkvBias() ? shape.qkvWidth() : 0) + (shape.bias() ? width : 0);
    long headNorms = shape.qkNorm() ? 2 * norm(shape, shape.headDim()) : 0;
    // Transformer-XL: a projection of the encodings and two vectors, u and v
    long relative =
        shape.positions() == Positions.RELATIVE ? (width + 2L) * shape.attentionWidth() : 0;
    return Math.addExact(matrices, biases + headNorms + latentNorms + relative);
  }

  private static long network(TransformerShape shape, int hidden) {
    int matrices = shape.activation().matrices();
    long weights = Math.multiplyExact((long) matrices, (long) shape.width() * hidden);
    long biases = shape.bias() ? (matrices - 1L) * hidden + shape.width() : 0;
    return Math.addExact(weights, biases);
  }

  private static long router(TransformerShape shape) {
    Mixture mixture = shape.mixture();
    if (!mixture.routes()) {
      return 0;
    }
    return (long) shape.width() * mixture.experts()
        + (mixture.routerBias() ? mixture.experts() : 0);
  }

  private static long norm(TransformerShape shape) {
    return norm(shape, shape.width());
  }

  private static long norm(TransformerShape shape, int width) {
    return shape.norm().parameters(width, shape.normBias());
  }
}
