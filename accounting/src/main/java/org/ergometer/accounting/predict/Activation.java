package org.ergometer.accounting.predict;

import java.util.Locale;

/** Non-linearity of the feed-forward network. */
public enum Activation {
  /** With a hyperbolic tangent, as GPT-2 has it (Hendrycks, Gimpel 2016). */
  GELU,
  /** With the error function, exactly x times the normal distribution's Φ(x). */
  GELU_ERF,
  RELU,
  SILU,
  /** SiLU of one product gates another (Shazeer 2020): three matrices in place of two. */
  SWIGLU;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name on the command line and in JSON. */
  public String label() {
    return label;
  }

  /** Matrices of the network: up and down, and a gate where there is one. */
  public int matrices() {
    return switch (this) {
      case GELU, GELU_ERF, RELU, SILU -> 2;
      case SWIGLU -> 3;
    };
  }
}
