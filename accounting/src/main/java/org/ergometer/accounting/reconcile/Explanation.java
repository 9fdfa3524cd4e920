package org.ergometer.accounting.reconcile;

import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProducts;

/** Why a run executed matrix products beyond its training steps. */
public sealed interface Explanation {

  /** Name of the cause in reports and JSON, such as {@code evaluation}. */
  String cause();

  /**
   * Work whose closed form is known: whatever the measurement shows beyond it stays in the
   * residual.
   */
  record Predicted(String cause, MatrixProducts work) implements Explanation {}

  /**
   * Work that is accepted as it was measured, all of one phase: it can hide a mistake in that
   * phase, and is for work whose sizes nobody noted, such as a network's initialization.
   */
  record AsMeasured(String cause, Phase phase) implements Explanation {}
}
