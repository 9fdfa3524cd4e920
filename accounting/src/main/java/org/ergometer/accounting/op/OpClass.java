package org.ergometer.accounting.op;

import java.util.Locale;

/** Kind of work an op does; every op belongs to exactly one. */
public enum OpClass {
  MATMUL,
  CONVOLUTION,
  ATTENTION,
  RECURRENT,
  NORMALIZATION,
  SOFTMAX,
  ELEMENTWISE,
  REDUCTION,
  LOSS,
  UPDATER,
  RANDOM,
  CAST,
  DATA_MOVEMENT,
  /** An op for which no formula is registered: executed, counted once, its FLOPs unknown. */
  UNACCOUNTED;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in metrics and JSON. */
  public String label() {
    return label;
  }
}
