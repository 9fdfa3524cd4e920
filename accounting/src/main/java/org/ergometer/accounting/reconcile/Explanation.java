package org.ergometer.accounting.reconcile;

import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProducts;

/** Matrix products that a run executed beyond its training steps, or left out of them. */
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
   * Work that is accepted as it was measured, all of one phase: it can hide a mistake in that
   * phase, and is for work whose sizes nobody noted, such as a network's initialization.
   */
  record AsMeasured(Cause cause, Phase phase) implements Explanation {}
}
