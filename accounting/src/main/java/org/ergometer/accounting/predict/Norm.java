package org.ergometer.accounting.predict;

import java.util.Locale;

/** Normalization before each part of a block, and after the last. */
public enum Norm {
  /** Mean and variance (Ba et al. 2016); a gain, and an offset in models with biases. */
  LAYERNORM,
  /** Root mean square alone (Zhang and Sennrich 2019); a gain. */
  RMSNORM,
  NONE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name on the command line and in JSON. */
  public String label() {
    return label;
  }

  /** Parameters of one norm over {@code width} channels. */
  long parameters(long width, boolean bias) {
    return switch (this) {
      case LAYERNORM -> bias ? 2 * width : width;
      case RMSNORM -> width;
      case NONE -> 0;
    };
  }
}
