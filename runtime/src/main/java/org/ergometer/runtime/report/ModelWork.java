package org.ergometer.runtime.report;

import java.math.BigInteger;
import java.util.Map;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.Convention;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.TokenWork;

/**
 * What utilization takes a token of training for: the model by PaLM's convention, 6·N and
 * 12·L·H·k·T, and what is recomputed beside it.
 */
public final class ModelWork {

  private static final long ATTENTION = 12;

  private ModelWork() {}

  /** Work of a token of a shape, at its full context. */
  public static TokenWork of(TransformerShape shape, double recomputeFlopsPerToken) {
    BigInteger attention =
        BigInteger.valueOf(ATTENTION * shape.layers())
            .multiply(BigInteger.valueOf(shape.attentionWidth()))
            .multiply(BigInteger.valueOf(shape.context()));
    BigInteger all = Convention.PALM.flops(shape, BigInteger.ONE);
    return new TokenWork(
        all.subtract(attention).doubleValue(), attention.doubleValue(), recomputeFlopsPerToken);
  }

  /** Work of a token of the training that a shape gets here, recomputation as predicted. */
  public static TokenWork ofTraining(TransformerShape shape, int batch) {
    Map<Phase, BigInteger> step =
        MatrixProducts.trainingStep(shape, batch, shape.context()).flopsBy(MatrixProduct::phase);
    double tokens = (double) batch * shape.context();
    return of(shape, step.getOrDefault(Phase.RECOMPUTE, BigInteger.ZERO).doubleValue() / tokens);
  }
}
