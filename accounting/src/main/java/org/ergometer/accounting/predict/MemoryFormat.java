package org.ergometer.accounting.predict;

import java.util.Locale;

/** In how many bytes training holds what it holds. */
public enum MemoryFormat {
  /** Everything in 4 bytes. */
  FLOAT32(4, 0, 4, 4, 0),
  /**
   * Everything in 4 bytes but the operands of products with weights, which are rounded to 2: what
   * the backward pass multiplies again is kept so, and of the weights there are rounded copies.
   * This project's trainer in mixed precision.
   */
  ROUNDED_OPERANDS(4, 0, 4, 4, 2),
  /**
   * 2 bytes for parameters, gradients and activations; the optimizer has its state and a copy of
   * the parameters in 4 (Micikevicius et al. 2018). With Adam 16 bytes for each parameter
   * (Rajbhandari et al. 2020, section 3.1).
   */
  MIXED_16BIT(2, 4, 4, 2, 0),
  /** Everything in 2 bytes. */
  PLAIN_16BIT(2, 0, 2, 2, 0);

  private final String label = name().toLowerCase(Locale.ROOT);
  private final int value;
  private final int copy;
  private final int state;
  private final int activation;
  private final int rounded;

  MemoryFormat(int value, int copy, int state, int activation, int rounded) {
    this.value = value;
    this.copy = copy;
    this.state = state;
    this.activation = activation;
    this.rounded = rounded;
  }

  /** Name used in JSON. */
  public String label() {
    return label;
  }

  /** Bytes of a parameter, and of its gradient. */
  int value() {
    return value;
  }

  /** Bytes that the optimizer holds for a parameter. */
  long optimizer(int states) {
    return copy + state(states);
  }

  /** Bytes of elements of the optimizer's state. */
  long state(long elements) {
    return Math.multiplyExact(elements, (long) state);
  }

  /** Bytes of an element that the forward pass keeps. */
  int activation() {
    return activation;
  }

  /** Bytes of a kept element that products with weights alone read. */
  int operand() {
    return rounded == 0 ? activation : rounded;
  }

  /** Bytes of an operand's rounded copy; 0 where operands are what they are. */
  int rounded() {
    return rounded;
  }
}
