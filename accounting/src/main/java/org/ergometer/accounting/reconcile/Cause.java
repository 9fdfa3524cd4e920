package org.ergometer.accounting.reconcile;

import java.util.Locale;

/**
 * Why a run executed other FLOPs than the closed form of its training steps: all that there is.
 *
 * <p>Partial batches and padding are none of them, since a trainer that draws whole windows from an
 * endless order has neither. What recomputation takes is predicted.
 */
public enum Cause {
  /** Forward passes on held-out data. */
  EVALUATION,
  /** Forward passes that wrote text. */
  SAMPLING,
  /** Steps and evaluations done again, because a process died before it saved them. */
  REDONE,
  /** Steps whose gradient was no finite number, so that no update came of them. */
  SKIPPED,
  /** Scores and weighted sums of later positions, which attention by blocks does not compute. */
  CAUSAL_SKIP,
  /** Scaling the gradients of the steps whose norm was above the limit. */
  CLIPPING,
  /** Sums and means of the gradients of a step's batches. */
  ACCUMULATION,
  /** What else is no matrix product: norms, softmax, activations, sums, the loss. */
  ELEMENTWISE,
  /** The gradient's norm, decay and the optimizer. */
  UPDATE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name in reports and JSON, and as a label of metrics. */
  public String label() {
    return label;
  }
}
