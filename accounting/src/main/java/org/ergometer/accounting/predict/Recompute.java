package org.ergometer.accounting.predict;

import java.util.Locale;

/** What the backward pass computes once more, so that it need not be kept. */
public enum Recompute {
  NONE,
  /** Every block's forward pass (Chen et al. 2016). */
  FULL,
  /** Scores, softmax and weighted sum alone (Korthikanti et al. 2022: selective). */
  ATTENTION;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name on the command line and in JSON. */
  public String label() {
    return label;
  }

  /** Whether a product of the forward pass is done again. */
  boolean repeats(Component component) {
    return switch (this) {
      case NONE -> false;
      case FULL -> component != Component.LOGITS;
      case ATTENTION ->
          component == Component.ATTENTION_SCORES
              || component == Component.POSITION_SCORES
              || component == Component.ATTENTION_VALUES;
    };
  }
}
