package org.ergometer.accounting.predict;

import java.math.BigInteger;

/**
 * Elements that the forward pass keeps for the backward pass: of the shapes that this project's
 * trainer offers exactly those that its layers keep where one op does a norm, a function or the
 * loss; of others an estimate by the same rules. Buffers that come and go within a layer are not
 * among them.
 *
 * <p>Dimensions: d width, k head dimension, f feed-forward width, V vocabulary; all for each token.
 *
 * @param operands that products with weights alone read
 * @param read that are read by such a product and otherwise too, so that a product on rounded
 *     operands keeps a copy beside them; not in the sum
 * @param others all that is no operand
 */
record KeptActivations(BigInteger operands, BigInteger read, BigInteger others) {

  private static final KeptActivations NONE = of(0, 0, 0);

  /** What a step keeps for some sequences as long as the context. */
  static KeptActivations of(TransformerShape shape, long sequences, Recompute recompute) {
    KeptActivations withoutWeights =
        outsideBlocks(shape)
            .plus(blocks(shape, recompute).plus(networks(shape, recompute)))
            .times(sequences)
            .times(shape.context());
    return recompute == Recompute.NONE
        ? withoutWeights.plus(weights(shape).times(sequences))
        : withoutWeights;
  }

  /** The embedding's output, the final norm, and the head's input and logits. */
  private static KeptActivations outsideBlocks(TransformerShape shape) {
    long width = shape.width();
    boolean finalNorm = shape.finalNorm() && shape.norm() != Norm.NONE;
    return of(0, width, width + shape.vocabulary())
        .plus(finalNorm ? others(width + byNorm(shape, width)) : NONE)
        .plus(shape.embeddingNorm() ? others(width + byNorm(shape, width)) : NONE);
  }

  /** All blocks' attention without its weights, their norms and what they hand on. */
  private static KeptActivations blocks(TransformerShape shape, Recompute recompute) {
    long width = shape.width();
    boolean parallel = shape.blockNorms() == 1;
    KeptActivations handedOn = others(parallel ? width : 2 * width);
    if (recompute == Recompute.FULL) {
      return handedOn.times(shape.layers());
    }
    KeptActivations norm =
        shape.norm() == Norm.NONE ? of(0, width, 0) : of(width, 0, byNorm(shape, width));
    KeptActivations ofOutputs = others(2 * (width + byNorm(shape, width)));
    return handedOn
        .plus(norm.times(parallel ? 1 : 2))
        .plus(shape.blockNorms() == 4 ? ofOutputs : NONE)
        .plus(attention(shape))
        .times(shape.layers());
  }

  /** Queries, keys, values and the sums over values, with all that they come from. */
  private static KeptActivations attention(TransformerShape shape) {
    LatentAttention latent = shape.latent();
    if (latent != null) {
      long ranks = (long) latent.queryRank() + latent.keyValueRank();
      return of(shape.valueWidth() + ranks, 0, 2 * shape.queryWidth() + shape.valueWidth() + ranks);
    }
    KeptActivations plain = of(shape.attentionWidth(), 0, shape.qkvWidth());
    if (!shape.qkNorm()) {
      return plain;
    }
    // dense queries and keys, and the same normalized
    long heads = (long) shape.heads() + shape.keyValueHeads();
    return plain.plus(others(2 * heads * shape.headDim() + heads * byNorm(shape, shape.headDim())));
  }

  /** All feed-forward networks: the sides of the hidden layer's function, and of its gate. */
  private static KeptActivations networks(TransformerShape shape, Recompute recompute) {
    if (recompute == Recompute.FULL) {
      return NONE;
    }
    KeptActivations unit =
        switch (shape.activation()) {
          case GELU, RELU, SILU -> of(1, 0, 1);
          case GELU_ERF -> of(1, 0, 2); // and Φ(x)
          case SWIGLU -> of(1, 0, 3);
        };
    // each expert's output is multiplied by its probability
    long mixture = (long) shape.mixture().active() * shape.width() + shape.mixture().experts();
    return unit.times(shape.activeHidden()).plus(others(mixture).times(shape.mixtureLayers()));
  }

  /** Attention's weights of one sequence in all blocks. */
  private static KeptActivations weights(TransformerShape shape) {
    return others(CausalBlocks.scores(shape.context())).times(shape.heads()).times(shape.layers());
  }

  /**
   * What a norm keeps of a row beside its output: mean and variance, its input being there; or the
   * root's inverse and the row multiplied with it.
   */
  private static long byNorm(TransformerShape shape, long width) {
    return switch (shape.norm()) {
      case LAYERNORM -> 2;
      case RMSNORM -> width + 1;
      case NONE -> 0;
    };
  }

  private static KeptActivations others(long elements) {
    return of(0, 0, elements);
  }

  private static KeptActivations of(long operands, long read, long others) {
    return new KeptActivations(
        BigInteger.valueOf(operands), BigInteger.valueOf(read), BigInteger.valueOf(others));
  }

  private KeptActivations plus(KeptActivations other) {
    return new KeptActivations(
        operands.add(other.operands), read.add(other.read), others.add(other.others));
  }

  private KeptActivations times(long factor) {
    BigInteger times = BigInteger.valueOf(factor);
    return new KeptActivations(
        operands.multiply(times), read.multiply(times), others.multiply(times));
  }

  /** Bytes in a format. */
  BigInteger bytes(MemoryFormat format) {
    return operands
        .multiply(BigInteger.valueOf(format.operand()))
        .add(read.multiply(BigInteger.valueOf(format.rounded())))
        .add(others.multiply(BigInteger.valueOf(format.activation())));
  }
}
