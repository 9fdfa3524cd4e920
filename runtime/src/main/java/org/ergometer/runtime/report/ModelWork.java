package org.ergometer.runtime.report;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Component;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.TokenWork;

/**
 * FLOPs of a training token that every MFU is of: the model's matrix products at its full context.
 * Attention's square is in it in full; looking embeddings up and recomputation are not.
 */
public final class ModelWork {

  /** What a causal mask hides half of. */
  private static final Set<Component> MASKED =
      Set.of(Component.ATTENTION_SCORES, Component.ATTENTION_VALUES);

  private ModelWork() {}

  /** Work of a token of a shape. */
  public static TokenWork of(TransformerShape shape, double recomputeFlopsPerToken) {
    return new TokenWork(
        products(shape, component -> !component.isAttention()).doubleValue(),
        products(shape, Component::isAttention).doubleValue(),
        recomputeFlopsPerToken);
  }

  /**
   * Work of a token as papers count it: where attention alone is recomputed, its FLOPs twice
   * (Korthikanti et al. 2022, equation 7), though what is executed again is a third of that.
   */
  public static TokenWork asPublished(TransformerShape shape, Recompute recompute) {
    TokenWork work = ofTraining(shape, recompute);
    return recompute == Recompute.ATTENTION
        ? new TokenWork(work.parameterFlops(), work.attentionFlops(), work.attentionFlops())
        : work;
  }

  /** Work of a token of a training that recomputes. */
  public static TokenWork ofTraining(TransformerShape shape, Recompute recompute) {
    BigInteger again = sequence(shape, recompute).flops(Phase.RECOMPUTE);
    return of(shape, again.doubleValue() / shape.context());
  }

  /**
   * FLOPs of a token by other counts: by each published convention; as {@code products}, which MFU
   * is of; and without the half of attention's products that a causal mask hides.
   */
  static Map<String, BigInteger> byConvention(TransformerShape shape) {
    Map<String, BigInteger> counts = new LinkedHashMap<>();
    Convention.ofRun(shape, BigInteger.ONE)
        .forEach((convention, flops) -> counts.put(convention.key(), flops));
    BigInteger products = products(shape, component -> true);
    counts.put("products", products);
    counts.put(
        "products_causal", products.subtract(products(shape, MASKED::contains).shiftRight(1)));
    return counts;
  }

  /** Whole numbers: each product of a sequence is a multiple of its tokens. */
  private static BigInteger products(TransformerShape shape, Predicate<Component> which) {
    return sequence(shape, Recompute.NONE).components().stream()
        .filter(work -> which.test(work.component()))
        .map(TrainingRun.ComponentWork::flops)
        .reduce(BigInteger.ZERO, BigInteger::add)
        .divide(BigInteger.valueOf(shape.context()));
  }

  private static TrainingRun sequence(TransformerShape shape, Recompute recompute) {
    return TrainingRun.ofSteps(shape, 1, 1, recompute);
  }
}
