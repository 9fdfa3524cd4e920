package org.ergometer.accounting.op;

import java.util.Locale;

/** Part of training that an op belongs to. */
public enum Phase {
  /** From inputs to loss, in a training step. */
  FORWARD,
  /** Gradients of the loss. */
  BACKWARD,
  /** Clipping, optimizer and parameter update. */
  UPDATE,
  /** Forward work done again in the backward pass, to save memory. */
  RECOMPUTE,
  /** Loss on held-out data. */
  EVALUATION,
  /** Everything else: initialization, data, sampling, threads without a scope. */
  OTHER;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in metrics and JSON. */
  public String label() {
    return label;
  }
}
