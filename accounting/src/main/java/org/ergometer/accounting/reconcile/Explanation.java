package org.ergometer.accounting.reconcile;

import java.math.BigInteger;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProducts;

/** Work that a run executed beyond its training steps' matrix products, or left out of them. */
public sealed interface Explanation {

  Cause cause();

  /**
   * Work whose closed form is known: whatever the measurement shows beyond it stays in the
   * residual.
   */
  record Predicted(Cause cause, MatrixProducts work) implements Explanation {}

  /** Work whose closed form is known and which was left out of other work. */
  record LeftOut(Cause cause, MatrixProducts work) implements Explanation {}

  /**
   * Work whose size is known and which is no matrix product: taken out of {@link Cause#ELEMENTWISE}
   * or {@link Cause#UPDATE}; what was not executed of it is left in the residual.
   *
   * @param layer it is booked under
   */
  record OtherWork(Cause cause, String layer, Phase phase, BigInteger flops)
      implements Explanation {

    public OtherWork {
      if (flops.signum() < 0) {
        throw new IllegalArgumentException("FLOPs of known work must be >= 0, got " + flops);
      }
    }
  }

  /**
   * Work that is accepted as it was measured, all of one phase: it can hide a mistake in that
   * phase, and is for work whose sizes nobody noted, such as a network's initialization.
   */
  record AsMeasured(Cause cause, Phase phase) implements Explanation {}
}
