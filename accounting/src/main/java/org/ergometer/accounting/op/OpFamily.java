package org.ergometer.accounting.op;

import java.util.Locale;

/**
 * The list an op's name belongs to: ND4J numbers its older ops within families, so that {@code max}
 * may be a pairwise op and a reduction; custom ops are one flat list; BLAS and memory are what goes
 * past both.
 */
public enum OpFamily {
  CUSTOM,
  PAIRWISE,
  SCALAR,
  TRANSFORM,
  REDUCE,
  REDUCE3,
  INDEX_REDUCE,
  SUMMARY,
  BROADCAST,
  RANDOM,
  BLAS,
  MEMORY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in reports, such as {@code index_reduce}. */
  public String label() {
    return label;
  }
}
