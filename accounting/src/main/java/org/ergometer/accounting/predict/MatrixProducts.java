package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.op.Phase;

/**
 * The matrix products of one or more steps, exactly as the trainer executes them: the closed form
 * that measurement is held against.
 *
 * <p>Dimensions: {@code B} sequences, {@code T} tokens of each, {@code C} width, {@code H} heads,
 * {@code k} head width, {@code F} feed-forward width, {@code V} vocabulary. A product of m×k by k×n
 * is 2·m·k·n FLOPs. Looking an embedding up is data movement, and its gradient is additions:
 * neither is a matrix product. Element-wise work is not in here either.
 */
public record MatrixProducts(List<MatrixProduct> products) {

  /** Work of a step of no model. */
  public static final MatrixProducts NONE = new MatrixProducts(List.of());

  /**
   * What a forward pass goes through.
   *
   * @param rows of the blocks' matrices, B·T
   * @param tokens T of each sequence
   * @param scores of one head in one block
   * @param predictions rows of the logits
   */
  private record Extents(BigInteger rows, long tokens, BigInteger scores, BigInteger predictions) {}

  public MatrixProducts {
    products = List.copyOf(products);
  }

  /**
   * Forward and backward of one training step.
   *
   * @param sequences B, all micro-batches of the step together
   * @param tokens T, positions computed for each sequence, padding included
   */
  public static MatrixProducts trainingStep(TransformerShape shape, long sequences, long tokens) {
    return trainingStep(shape, sequences, tokens, Recompute.NONE);
  }

  /** The same where the backward pass computes parts of the forward pass again. */
  public static MatrixProducts trainingStep(
      TransformerShape shape, long sequences, long tokens, Recompute recompute) {
    List<MatrixProduct> products = new ArrayList<>();
    addForward(products, Phase.FORWARD, shape, sequences, tokens);
    for (MatrixProduct forward : List.copyOf(products)) {
      products.add(backwardOf(forward));
      if (recompute.repeats(forward.component())) {
        products.add(
            new MatrixProduct(
                forward.layer(), forward.component(), Phase.RECOMPUTE, forward.flops()));
      }
    }
    return new MatrixProducts(products);
  }

  /** One forward pass, booked under {@code phase}: evaluation, sampling or recomputation. */
  public static MatrixProducts forwardPass(
      TransformerShape shape, long sequences, long tokens, Phase phase) {
    List<MatrixProduct> products = new ArrayList<>();
    addForward(products, phase, shape, sequences, tokens);
    return new MatrixProducts(products);
  }

  /**
   * Writing text with keys and values kept, as it is executed: nothing is left out of it, see
   * {@link #hiddenByCausality}.
   */
  public static MatrixProducts decoding(TransformerShape shape, DecodingWork work, Phase phase) {
    if (shape.positions() == Positions.RELATIVE) {
      throw new InvalidInputException(
          "positions must be learned, rope or none to write text, got relative; set --positions");
    }
    List<MatrixProduct> products = new ArrayList<>();
    if (work.predictions() > 0) {
      Extents extents =
          new Extents(
              product(work.positions()),
              work.positions(),
              product(work.scores()),
              product(work.predictions()));
      addForward(products, phase, shape, extents);
    }
    return new MatrixProducts(products);
  }

  /** The same work done {@code count} times. */
  public MatrixProducts times(long count) {
    if (count < 0) {
      throw new InvalidInputException("count must be >= 0, got " + count);
    }
    BigInteger factor = BigInteger.valueOf(count);
    return new MatrixProducts(
        products.stream()
            .map(
                product ->
                    new MatrixProduct(
                        product.layer(),
                        product.component(),
                        product.phase(),
                        product.flops().multiply(factor)))
            .toList());
  }

  /** This work and that, product by product of the same layer, component and phase. */
  public MatrixProducts plus(MatrixProducts other) {
    Comparator<MatrixProduct> sameProduct =
        Comparator.comparing(MatrixProduct::layer)
            .thenComparing(MatrixProduct::component)
            .thenComparing(MatrixProduct::phase);
    Map<MatrixProduct, BigInteger> sums = new TreeMap<>(sameProduct);
    products.forEach(product -> sums.merge(product, product.flops(), BigInteger::add));
    other.products.forEach(product -> sums.merge(product, product.flops(), BigInteger::add));
    return new MatrixProducts(
        sums.entrySet().stream()
            .map(
                sum ->
                    new MatrixProduct(
                        sum.getKey().layer(),
                        sum.getKey().component(),
                        sum.getKey().phase(),
                        sum.getValue()))
            .toList());
  }

  /**
   * The part of this work that the trainer leaves out because the causal mask would hide it; see
   * {@link CausalBlocks}.
   *
   * @param tokens T of all of this work
   */
  public MatrixProducts hiddenByCausality(long tokens) {
    BigInteger square = product(tokens, tokens);
    BigInteger hidden = square.subtract(BigInteger.valueOf(CausalBlocks.scores(tokens)));
    if (hidden.signum() == 0) {
      return NONE;
    }
    return new MatrixProducts(
        products.stream()
            .filter(product -> isBetweenPositions(product.component()))
            .map(
                product ->
                    new MatrixProduct(
                        product.layer(),
                        product.component(),
                        product.phase(),
                        product.flops().multiply(hidden).divide(square)))
            .toList());
  }

  private static boolean isBetweenPositions(Component component) {
    return component == Component.ATTENTION_SCORES || component == Component.ATTENTION_VALUES;
  }

  /** FLOPs of all products. */
  public BigInteger flops() {
    return products.stream().map(MatrixProduct::flops).reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** FLOPs by any property of a product, in the property's natural order. */
  public <K extends Comparable<K>> Map<K, BigInteger> flopsBy(Function<MatrixProduct, K> property) {
    return products.stream()
        .collect(
            Collectors.groupingBy(
                property,
                TreeMap::new,
                Collectors.reducing(BigInteger.ZERO, MatrixProduct::flops, BigInteger::add)));
  }

  private static void addForward(
      List<MatrixProduct> products,
      Phase phase,
      TransformerShape shape,
      long sequences,
      long tokens) {
    atLeastOne("batch", sequences);
    atLeastOne("tokens", tokens);
    if (tokens > shape.context()) {
      throw new InvalidInputException(
          "a sequence has at most context = %s tokens, got %s; set --context"
              .formatted(shape.context(), tokens));
    }
    Extents extents =
        new Extents(
            product(sequences, tokens),
            tokens,
            product(sequences, tokens, tokens),
            product(sequences, tokens));
    addForward(products, phase, shape, extents);
  }

  private static void addForward(
      List<MatrixProduct> products, Phase phase, TransformerShape shape, Extents extents) {
    for (int block = 0; block < shape.layers(); block++) {
      String attention = LayerNames.attention(block);
      attention(shape, extents)
          .forEach(
              (component, flops) ->
                  products.add(new MatrixProduct(attention, component, phase, flops)));
      String feedForward = LayerNames.feedForward(block);
      feedForward(shape, block, extents.rows)
          .forEach(
              (component, flops) ->
                  products.add(new MatrixProduct(feedForward, component, phase, flops)));
    }
    products.add(
        new MatrixProduct(
            LayerNames.HEAD,
            Component.LOGITS,
            phase,
            linear(extents.predictions, shape.width(), shape.vocabulary())));
  }

  private static Map<Component, BigInteger> attention(TransformerShape shape, Extents extents) {
    BigInteger rows = extents.rows;
    BigInteger square = product(2, shape.queryWidth()).multiply(extents.scores);
    Map<Component, BigInteger> flops = new EnumMap<>(Component.class);
    flops.put(Component.QKV, product(2, shape.qkvWeights()).multiply(rows));
    flops.put(Component.ATTENTION_SCORES, square);
    flops.put(Component.ATTENTION_VALUES, product(2, shape.valueWidth()).multiply(extents.scores));
    if (shape.positions() == Positions.RELATIVE) {
      flops.put(
          Component.POSITION_PROJECTION,
          linear(product(extents.tokens), shape.width(), shape.attentionWidth()));
      flops.put(Component.POSITION_SCORES, square);
    }
    flops.put(Component.ATTENTION_PROJECTION, linear(rows, shape.valueWidth(), shape.width()));
    return flops;
  }

  private static Map<Component, BigInteger> feedForward(
      TransformerShape shape, int block, BigInteger rows) {
    Mixture mixture = shape.mixture();
    boolean dense = block < mixture.denseLayers();
    BigInteger matrix =
        dense
            ? linear(rows, shape.width(), mixture.denseFeedForward())
            : linear(rows, shape.width(), shape.feedForward())
                .multiply(product(mixture.networks()));
    Map<Component, BigInteger> flops = new EnumMap<>(Component.class);
    if (mixture.routes() && !dense) {
      flops.put(Component.ROUTER, linear(rows, shape.width(), mixture.experts()));
    }
    flops.put(Component.FEED_FORWARD_UP, matrix);
    if (shape.activation().matrices() > 2) {
      flops.put(Component.FEED_FORWARD_GATE, matrix);
    }
    flops.put(Component.FEED_FORWARD_DOWN, matrix);
    return flops;
  }

  /** Two products of the forward one's size: the gradient of each operand. */
  private static MatrixProduct backwardOf(MatrixProduct forward) {
    return new MatrixProduct(
        forward.layer(), forward.component(), Phase.BACKWARD, forward.flops().shiftLeft(1));
  }

  private static BigInteger linear(BigInteger rows, long inputs, long outputs) {
    return product(2, inputs, outputs).multiply(rows);
  }

  private static BigInteger product(long... factors) {
    BigInteger product = BigInteger.ONE;
    for (long factor : factors) {
      product = product.multiply(BigInteger.valueOf(factor));
    }
    return product;
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new InvalidInputException(
          "%s must be >= 1, got %s; set --%s".formatted(name, value, name));
    }
  }
}
