package org.ergometer.accounting.predict;

import java.util.Locale;

/** How a model knows the order of its tokens. */
public enum Positions {
  /** A learned vector for each position, added to the token's. */
  LEARNED,
  /** Queries and keys are rotated (Su et al. 2021); no parameters, no matrix product. */
  ROPE,
  /**
   * Relative encodings, projected in every layer, scored beside the keys (Dai et al. 2019, as in
   * Gopher and Chinchilla).
   */
  RELATIVE,
  /** None, or a bias on the scores without parameters, such as ALiBi. */
  NONE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name on the command line and in JSON. */
  public String label() {
    return label;
  }
}
