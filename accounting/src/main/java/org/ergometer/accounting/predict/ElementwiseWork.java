package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.accounting.op.Phase;

/**
 * The work of a training step that is no matrix product, by part of the model and phase: norms,
 * softmax, activations, sums, the loss. The optimizer's is {@link UpdateWork}.
 *
 * <p>Dimensions: B sequences, T tokens of each, N = B·T rows, C width, H heads, k head width, a =
 * H·k, F feed-forward width, V vocabulary.
 *
 * <p>An operation is worth what {@code accounting.flops.Operation} says, and each function is
 * counted as it is written there, in the form of the fused ops. Backends without them compute the
 * same but for the loss, of which they multiply by the targets as a matrix. Routing to experts and
 * the sums of relative positions are what these would take in the same style; no trainer here
 * executes them.
 */
public record ElementwiseWork(List<Term> terms) {

  /** What a FLOP that belongs to no matrix product is done for. */
  public enum Part {
    /** Sum with the positions; gradients of both matrices, row by row. */
    EMBEDDING,
    NORM,
    /** Sums with the biases of linear maps; their gradients. */
    BIAS,
    /** Rotary positions of queries and keys. */
    ROTATION,
    /** Scale, mask and softmax of the scores; the scale of their gradient is the product's. */
    SOFTMAX,
    /** Non-linearity of the feed-forward network, and its gate. */
    ACTIVATION,
    /** Softmax over the experts, and weighted sum of the active ones. */
    ROUTING,
    RESIDUAL,
    /** What zeroes elements at random while training, where that is wanted. */
    DROPOUT,
    /** Softmax cross-entropy over the vocabulary; in training, in the backward phase. */
    LOSS,
    /** Sums and mean of the gradients of a step's batches. */
    ACCUMULATION;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Name used in JSON. */
    public String label() {
      return label;
    }
  }

  /** FLOPs of one part in one phase. */
  public record Term(Part part, Phase phase, BigInteger flops) {}

  /** Most rows that the trainer adds up in one go where it sums columns. */
  private static final int COLUMN_SUM_ROWS = 16;

  public ElementwiseWork {
    terms = List.copyOf(terms);
  }

  /**
   * Forward, backward and recomputation of one training step.
   *
   * @param sequences B
   * @param tokens T, positions computed for each sequence
   */
  public static ElementwiseWork trainingStep(
      TransformerShape shape, long sequences, long tokens, Recompute recompute) {
    Step step = new Step(shape, sequences, tokens);
    step.forward(Phase.FORWARD);
    step.backward();
    switch (recompute) {
      case NONE -> {}
      case FULL -> step.block(Phase.RECOMPUTE);
      case ATTENTION -> step.softmax(Phase.RECOMPUTE);
    }
    return step.work();
  }

  /**
   * What dropout takes in one training step: of the embedding's sum, and of what each half of a
   * block adds. The same numbers are drawn forward and backward.
   */
  public static ElementwiseWork dropout(TransformerShape shape, long sequences, long tokens) {
    Step step = new Step(shape, sequences, tokens);
    step.dropout(Phase.FORWARD);
    step.dropout(Phase.BACKWARD);
    return step.work();
  }

  /** Both together; their terms are of different parts. */
  public ElementwiseWork plus(ElementwiseWork other) {
    List<Term> all = new ArrayList<>(terms);
    all.addAll(other.terms);
    return new ElementwiseWork(all);
  }

  /** One forward pass with its loss, booked under {@code phase}: evaluation. */
  public static ElementwiseWork forwardPass(
      TransformerShape shape, long sequences, long tokens, Phase phase) {
    Step step = new Step(shape, sequences, tokens);
    step.forward(phase);
    step.loss(phase);
    return step.work();
  }

  /**
   * This work of so many batches, and the sums of their gradients: of k batches k - 1 sums and a
   * division for each parameter.
   */
  ElementwiseWork accumulated(TransformerShape shape, long batches) {
    BigInteger times = BigInteger.valueOf(batches);
    List<Term> all = new ArrayList<>(times(times, BigInteger.ONE).terms);
    if (batches > 1) {
      BigInteger sums = BigInteger.valueOf(shape.parameters()).multiply(times);
      all.add(new Term(Part.ACCUMULATION, Phase.BACKWARD, sums));
    }
    return new ElementwiseWork(all);
  }

  /** The same work and the scaling of the loss's gradient, g * s, over so many rows of logits. */
  public ElementwiseWork withScaledLoss(TransformerShape shape, BigInteger rows) {
    BigInteger scaling = rows.multiply(BigInteger.valueOf(shape.vocabulary()));
    return new ElementwiseWork(
        terms.stream()
            .map(
                term ->
                    term.part == Part.LOSS && term.phase == Phase.BACKWARD
                        ? new Term(term.part, term.phase, term.flops.add(scaling))
                        : term)
            .toList());
  }

  /** The same work {@code numerator / denominator} times, each term rounded down to a FLOP. */
  ElementwiseWork times(BigInteger numerator, BigInteger denominator) {
    return new ElementwiseWork(
        terms.stream()
            .map(
                term ->
                    new Term(
                        term.part, term.phase, term.flops.multiply(numerator).divide(denominator)))
            .toList());
  }

  /** FLOPs of all parts. */
  public BigInteger flops() {
    return terms.stream().map(Term::flops).reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** FLOPs of a phase. */
  public BigInteger flops(Phase phase) {
    return terms.stream()
        .filter(term -> term.phase == phase)
        .map(Term::flops)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** Work of so many rows of so many channels through a norm. */
  @FunctionalInterface
  private interface NormWork {
    BigInteger of(long rows, long width);
  }

  /** Collects the terms of a step. */
  private static final class Step {

    private final TransformerShape shape;
    private final long sequences;
    private final long tokens;
    private final long rows;
    private final Map<Part, Map<Phase, BigInteger>> sums = new TreeMap<>();

    Step(TransformerShape shape, long sequences, long tokens) {
      this.shape = shape;
      this.sequences = sequences;
      this.tokens = tokens;
      this.rows = Math.multiplyExact(sequences, tokens);
    }

    ElementwiseWork work() {
      List<Term> terms = new ArrayList<>();
      sums.forEach(
          (part, phases) ->
              phases.forEach((phase, flops) -> terms.add(new Term(part, phase, flops))));
      return new ElementwiseWork(terms);
    }

    void forward(Phase phase) {
      add(Part.EMBEDDING, phase, 1, learnedPositions() ? product(rows, shape.width()) : zero());
      BigInteger outside = zero();
      if (shape.embeddingNorm()) {
        outside = outside.add(norm(rows, shape.width()));
      }
      if (shape.finalNorm()) {
        outside = outside.add(norm(rows, shape.width()));
      }
      add(Part.NORM, phase, 1, outside);
      block(phase);
    }

    /** Without a gradient; where there is one, it comes with the loss. */
    void loss(Phase phase) {
      // m = max(m, x); d = x - m; s + exp(d); d - l of each logit; log(s) and the sum of each row
      add(Part.LOSS, phase, 1, product(5, rows, shape.vocabulary()).add(product(2, rows)));
    }

    void backward() {
      Phase phase = Phase.BACKWARD;
      long width = shape.width();
      // rows of tokens, scattered; of positions, summed over the sequences
      add(Part.EMBEDDING, phase, 1, product(learnedPositions() ? 2 : 1, rows, width));
      long norms = (shape.embeddingNorm() ? 1L : 0) + (shape.finalNorm() ? 1 : 0);
      add(Part.NORM, phase, norms, normGradient(rows, width));
      add(Part.NORM, phase, layers(shape.blockNorms()), normGradient(rows, width));
      add(Part.NORM, phase, layers(1), innerNorms(this::normGradient));
      add(Part.BIAS, phase, 1, columnSum(rows, biases()));
      add(Part.ROTATION, phase, layers(1), rotation());
      // t + g * y; y * (g - t) of each score
      add(Part.SOFTMAX, phase, layers(1), scores().shiftLeft(2));
      add(Part.ACTIVATION, phase, 1, activationGradient());
      add(Part.ROUTING, phase, shape.mixtureLayers(), routing(4));
      add(Part.RESIDUAL, phase, layers(2), product(rows, width));
      // m = max(m, x); e = exp(x - m); s + e; e / s * w of each logit
      // log(p * n); p - w and the sum of each row
      add(Part.LOSS, phase, 1, product(6, rows, shape.vocabulary()).add(product(4, rows)));
    }

    /** The forward pass of all blocks. */
    void block(Phase phase) {
      add(Part.NORM, phase, layers(shape.blockNorms()), norm(rows, shape.width()));
      add(Part.NORM, phase, layers(1), innerNorms(this::norm));
      add(Part.BIAS, phase, 1, product(rows, biases()));
      add(Part.ROTATION, phase, layers(1), rotation());
      softmax(phase);
      add(Part.ACTIVATION, phase, 1, activation());
      add(Part.ROUTING, phase, shape.mixtureLayers(), routing(5));
      add(Part.RESIDUAL, phase, layers(2), product(rows, shape.width()));
    }

    /** draw(u) >= p ? 0 : x / p */
    void dropout(Phase phase) {
      add(Part.DROPOUT, phase, 1 + layers(2), product(3, rows, shape.width()));
    }

    /** x * c + mask; m = max(m, x); e = exp(x - m); s + e; e / s of each score. */
    void softmax(Phase phase) {
      long relative = shape.positions() == Positions.RELATIVE ? 1 : 0;
      add(Part.SOFTMAX, phase, layers(1), scores().multiply(product(7 + relative)));
    }

    /** Rows of {@code width} channels through the model's kind of norm. */
    private BigInteger norm(long count, long width) {
      return switch (shape.norm()) {
        // m + x; c = x - m; v + c * c; y = c * s; y * gain (+ bias)
        // of each row m / n; v / n; s = 1 / sqrt(v + e)
        case LAYERNORM -> product(count, (shape.normBias() ? 7 : 6) * width + 5);
        // v + x * x; y = x * s; y * gain, of each row v / n; s = 1 / sqrt(v + e)
        case RMSNORM -> product(count, 4 * width + 4);
        case NONE -> zero();
      };
    }

    private BigInteger normGradient(long count, long width) {
      return switch (shape.norm()) {
        // p = g * y; k + p; q = p * gain; b + q; d = g * gain; a + d; (d - a - y * b) * s (h + g)
        // of each row a / n; b / n
        case LAYERNORM -> product(count, (shape.normBias() ? 11 : 10) * width + 2);
        // p = g * y; k + p; q = p * gain; b + q; d = g * gain; (d - y * b) * s, of a row b / n
        case RMSNORM -> product(count, 7 * width + 1).add(columnSum(count, width));
        case NONE -> zero();
      };
    }

    /** Norms of queries and keys of each head, or of the vectors that latent attention goes by. */
    private BigInteger innerNorms(NormWork work) {
      LatentAttention latent = shape.latent();
      if (latent != null) {
        BigInteger queries = latent.queryRank() == 0 ? zero() : work.of(rows, latent.queryRank());
        return queries.add(work.of(rows, latent.keyValueRank()));
      }
      if (!shape.qkNorm()) {
        return zero();
      }
      long queries = Math.multiplyExact(rows, (long) shape.heads());
      long keys = Math.multiplyExact(rows, (long) shape.keyValueHeads());
      return work.of(queries, shape.headDim()).add(work.of(keys, shape.headDim()));
    }

    /** Outputs of all blocks' linear maps that have a bias. */
    private long biases() {
      long others =
          layers(1) * shape.width()
              + (shape.activation().matrices() - 1L) * shape.activeHidden()
              + shape.activeNetworks() * shape.width();
      return (shape.qkvBias() ? layers(1) * shape.qkvWidth() : 0) + (shape.bias() ? others : 0);
    }

    /**
     * Sums of columns, in two stages over groups of rows: the second adds up the groups' sums.
     *
     * @param columns of all matrices together
     */
    private static BigInteger columnSum(long count, long columns) {
      long group = COLUMN_SUM_ROWS;
      while (count % group != 0) {
        group--;
      }
      long second = group == 1 || group == count ? 0 : count / group;
      return product(count + second, columns);
    }

    /** x * cos, x * sin and their sum for each channel of queries and keys. */
    private BigInteger rotation() {
      if (shape.positions() != Positions.ROPE) {
        return zero();
      }
      LatentAttention latent = shape.latent();
      return latent == null
          ? product(3, rows, shape.heads() + (long) shape.keyValueHeads(), shape.headDim())
          : product(3, rows, shape.heads() + 1L, latent.rotaryDim());
    }

    private BigInteger scores() {
      return product(sequences, shape.heads(), CausalBlocks.scores(tokens));
    }

    private BigInteger activation() {
      BigInteger hidden = product(rows, shape.activeHidden());
      return switch (shape.activation()) {
        // x / (1 + exp(s * (x + a * (x * x * x))))
        case GELU -> hidden.multiply(product(8));
        // x * ((erf(x * c) + 1) * h)
        case GELU_ERF -> hidden.multiply(product(5));
        // max(x, 0)
        case RELU -> hidden;
        // x * (1 / (1 + exp(-x)))
        case SILU -> hidden.multiply(product(4));
        // the same times the other product
        case SWIGLU -> hidden.multiply(product(5));
      };
    }

    private BigInteger activationGradient() {
      BigInteger hidden = product(rows, shape.activeHidden());
      return switch (shape.activation()) {
        // d = 1 / e; r = y - y * d; g * (d + s * r + c * (r * (x * x)))
        case GELU -> hidden.multiply(product(10));
        // g * (p + c * (x * exp((x * x) * h)))
        case GELU_ERF -> hidden.multiply(product(7));
        // x > 0 ? g : 0
        case RELU -> hidden;
        // g * ((y + s) - y * s)
        case SILU -> hidden.multiply(product(4));
        // the same, the gradient of both factors, and the sum of what both give the input
        case SWIGLU ->
            hidden.multiply(product(6)).add(product(rows, shape.activeNetworks(), shape.width()));
      };
    }

    /**
     * Softmax over all experts' scores of a block; weights times the active ones' outputs, and
     * their sum with those of the shared ones.
     */
    private BigInteger routing(long perScore) {
      long bias = shape.mixture().routerBias() ? 1 : 0;
      long sums = 2L * shape.mixture().active() + shape.mixture().shared();
      return product(perScore + bias, rows, shape.mixture().experts())
          .add(product(sums, rows, shape.width()));
    }

    private boolean learnedPositions() {
      return shape.positions() == Positions.LEARNED;
    }

    private long layers(long times) {
      return times * shape.layers();
    }

    private void add(Part part, Phase phase, long times, BigInteger flops) {
      BigInteger all = flops.multiply(product(times));
      if (all.signum() > 0) {
        sums.computeIfAbsent(part, added -> new TreeMap<>()).merge(phase, all, BigInteger::add);
      }
    }

    private static BigInteger zero() {
      return BigInteger.ZERO;
    }

    private static BigInteger product(long... factors) {
      BigInteger product = BigInteger.ONE;
      for (long factor : factors) {
        product = product.multiply(BigInteger.valueOf(factor));
      }
      return product;
    }
  }
}
