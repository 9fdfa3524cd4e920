package org.ergometer.accounting.predict;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.op.Phase;
import org.jspecify.annotations.Nullable;

/**
 * A training run that has not been done: a shape, and the tokens it is to see in sequences of its
 * full context.
 *
 * @param tokens D, padding and repetition included
 * @param batch sequences of a step, B
 * @param steps null where only the number of tokens is known
 * @param dropout whether elements are dropped at random
 */
public record TrainingRun(
    TransformerShape shape,
    BigInteger tokens,
    long batch,
    @Nullable Long steps,
    Recompute recompute,
    boolean dropout) {

  public TrainingRun {
    if (tokens.signum() <= 0) {
      throw new InvalidInputException(
          "tokens must be >= 1, got %s; set --tokens".formatted(tokens));
    }
    if (batch < 1) {
      throw new InvalidInputException("batch must be >= 1, got %s; set --batch".formatted(batch));
    }
    if (steps != null && steps < 1) {
      throw new InvalidInputException("steps must be >= 1, got %s; set --steps".formatted(steps));
    }
  }

  /** A run of whole steps: D = steps·B·T. */
  public static TrainingRun ofSteps(
      TransformerShape shape, long steps, long batch, Recompute recompute) {
    return new TrainingRun(
        shape,
        BigInteger.valueOf(steps).multiply(stepTokens(shape, batch)),
        batch,
        steps,
        recompute,
        false);
  }

  /** The same with elements dropped at random. */
  public TrainingRun withDropout() {
    return new TrainingRun(shape, tokens, batch, steps, recompute, true);
  }

  /** A run that ends with the step in which it has seen so many tokens. */
  public static TrainingRun ofTokens(
      TransformerShape shape, BigInteger tokens, long batch, Recompute recompute) {
    BigInteger steps = wholeSteps(tokens, stepTokens(shape, batch));
    return new TrainingRun(shape, tokens, batch, steps.longValueExact(), recompute, false);
  }

  /**
   * FLOPs of the run's matrix products by component and phase, all layers together.
   *
   * <p>Exact, because every product's FLOPs are a multiple of the step's tokens; but for relative
   * position encodings, which are projected once a step, a last and smaller one included.
   */
  public List<ComponentWork> components() {
    // blocks with experts are alike, as those without are, and there may be millions of them
    int dense = Math.min(1, shape.mixture().denseLayers());
    TransformerShape oneOfEach =
        shape.toBuilder()
            .layers(dense + 1)
            .denseLayers(dense, shape.mixture().denseFeedForward())
            .build();
    MatrixProducts step = MatrixProducts.trainingStep(oneOfEach, batch, shape.context(), recompute);
    Map<Component, Map<Phase, BigInteger>> sums = new TreeMap<>();
    for (MatrixProduct product : step.products()) {
      sums.computeIfAbsent(product.component(), component -> new TreeMap<>())
          .merge(product.phase(), product.flops().multiply(repetitions(product)), BigInteger::add);
    }
    List<ComponentWork> work = new ArrayList<>();
    sums.forEach(
        (component, phases) ->
            phases.forEach(
                (phase, flops) ->
                    work.add(new ComponentWork(component, phase, ofRun(component, flops)))));
    return work;
  }

  /** What a step's FLOPs are in all steps. */
  private BigInteger ofRun(Component component, BigInteger flops) {
    BigInteger stepTokens = stepTokens(shape, batch);
    return component == Component.POSITION_PROJECTION
        ? flops.multiply(wholeSteps(tokens, stepTokens))
        : flops.multiply(tokens).divide(stepTokens);
  }

  /** Blocks that a product of the first one of each kind stands for; 1 of what is in none. */
  private BigInteger repetitions(MatrixProduct product) {
    int dense = shape.mixture().denseLayers();
    String layer = product.layer();
    if (layer.equals(LayerNames.HEAD)) {
      return BigInteger.ONE;
    }
    boolean first =
        layer.equals(LayerNames.attention(0)) || layer.equals(LayerNames.feedForward(0));
    return BigInteger.valueOf(dense > 0 && first ? dense : shape.layers() - dense);
  }

  /** FLOPs of a phase of the run. */
  public BigInteger flops(Phase phase) {
    return components().stream()
        .filter(work -> work.phase() == phase)
        .map(ComponentWork::flops)
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** FLOPs of all matrix products of the run. */
  public BigInteger flops() {
    return components().stream().map(ComponentWork::flops).reduce(BigInteger.ZERO, BigInteger::add);
  }

  /**
   * Work of the run that is no matrix product, all layers together; the part of a last, smaller
   * step is rounded down to a FLOP.
   */
  public ElementwiseWork elementwise() {
    return elementwise(batch);
  }

  /** The same where a step adds up the gradients of smaller batches of {@code atOnce} sequences. */
  public ElementwiseWork elementwise(long atOnce) {
    if (atOnce < 1 || batch % atOnce != 0) {
      throw new InvalidInputException(
          "a step's %s sequences must be whole batches, got batches of %s"
              .formatted(batch, atOnce));
    }
    ElementwiseWork pass = ElementwiseWork.trainingStep(shape, atOnce, shape.context(), recompute);
    ElementwiseWork whole =
        dropout ? pass.plus(ElementwiseWork.dropout(shape, atOnce, shape.context())) : pass;
    return whole.accumulated(shape, batch / atOnce).times(tokens, stepTokens(shape, batch));
  }

  /** FLOPs of all updates; null where the number of steps is unknown. */
  public @Nullable BigInteger update(UpdateWork work) {
    return steps == null ? null : work.flops(shape).multiply(BigInteger.valueOf(steps));
  }

  /** Every convention's FLOPs of the run. */
  public Map<Convention, BigInteger> conventions() {
    return Convention.ofRun(shape, tokens, recompute);
  }

  /** Bytes that a step holds. */
  public TrainingMemory memory() {
    return TrainingMemory.of(shape, batch, recompute);
  }

  /** Steps that see so many tokens, the last of which may be smaller. */
  private static BigInteger wholeSteps(BigInteger tokens, BigInteger stepTokens) {
    return tokens.add(stepTokens).subtract(BigInteger.ONE).divide(stepTokens);
  }

  private static BigInteger stepTokens(TransformerShape shape, long batch) {
    return BigInteger.valueOf(batch).multiply(BigInteger.valueOf(shape.context()));
  }

  /** Work of one component in one phase. */
  public record ComponentWork(Component component, Phase phase, BigInteger flops) {}
}
