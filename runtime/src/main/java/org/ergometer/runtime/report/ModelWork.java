package org.ergometer.runtime.report;

import java.math.BigInteger;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TrainingRun;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.TokenWork;

/**
 * What utilization takes a token of training for: the model by PaLM's convention, 6·N and
 * 12·L·H·k·T, and what is recomputed beside it. Half of 12·L·H·k·T is queries times keys and half
 * weights times values, whose widths differ in latent attention.
 */
public final class ModelWork {

  private static final long HALF_OF_ATTENTION = 6;

  private ModelWork() {}

  /** Work of a token of a shape, at its full context. */
  public static TokenWork of(TransformerShape shape, double recomputeFlopsPerToken) {
    BigInteger attention =
        BigInteger.valueOf(HALF_OF_ATTENTION * shape.layers())
            .multiply(BigInteger.valueOf(shape.queryWidth() + shape.valueWidth()))
            .multiply(BigInteger.valueOf(shape.context()));
    BigInteger all = Convention.PALM.flops(shape, BigInteger.ONE);
    return new TokenWork(
        all.subtract(attention).doubleValue(), attention.doubleValue(), recomputeFlopsPerToken);
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

  /** Work of a token of a training that recomputes, at its full context. */
  public static TokenWork ofTraining(TransformerShape shape, Recompute recompute) {
    BigInteger again = TrainingRun.ofSteps(shape, 1, 1, recompute).flops(Phase.RECOMPUTE);
    return of(shape, again.doubleValue() / shape.context());
  }
}
