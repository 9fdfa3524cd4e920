package org.ergometer.accounting.predict;

import java.util.Locale;

/** Matrix product of a transformer that is predicted, and measured, under a name of its own. */
public enum Component {
  /** Queries, keys and values from the block's input. */
  QKV,
  /** Relative position encodings through a layer's matrix, once for all sequences. */
  POSITION_PROJECTION,
  /** Queries times keys; the full square, a causal mask is not discounted. */
  ATTENTION_SCORES,
  /** Queries times relative position encodings. */
  POSITION_SCORES,
  /** Attention weights times values. */
  ATTENTION_VALUES,
  /** Attention's output projection. */
  ATTENTION_PROJECTION,
  /** Which experts a token goes to. */
  ROUTER,
  FEED_FORWARD_UP,
  /** The second product of a gated network. */
  FEED_FORWARD_GATE,
  FEED_FORWARD_DOWN,
  /** The product with the vocabulary matrix. */
  LOGITS;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in JSON. */
  public String label() {
    return label;
  }

  /** Whether no parameter takes part: activations times activations. */
  public boolean isAttention() {
    return this == ATTENTION_SCORES || this == POSITION_SCORES || this == ATTENTION_VALUES;
  }
}
