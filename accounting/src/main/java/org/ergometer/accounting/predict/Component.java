package org.ergometer.accounting.predict;

import java.util.Locale;

/** Matrix product of a transformer that is predicted, and measured, under a name of its own. */
public enum Component {
  /** Queries, keys and values from the block's input. */
  QKV,
  /** Queries times keys; the full square, a causal mask is not discounted. */
  ATTENTION_SCORES,
  /** Attention weights times values. */
  ATTENTION_VALUES,
  /** Attention's output projection. */
  ATTENTION_PROJECTION,
  FEED_FORWARD_UP,
  FEED_FORWARD_DOWN,
  /** The product with the vocabulary matrix. */
  LOGITS;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in JSON. */
  public String label() {
    return label;
  }
}
