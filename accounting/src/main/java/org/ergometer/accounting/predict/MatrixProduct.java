package org.ergometer.accounting.predict;

import java.math.BigInteger;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.op.Phase;

/**
 * Predicted work of one of the model's matrix products in one phase; in the backward phase that is
 * the two products for the gradients of both operands.
 *
 * @param layer name from {@link LayerNames}
 * @param flops exact count; multiply-add = 2
 */
public record MatrixProduct(String layer, Component component, Phase phase, BigInteger flops) {

  public MatrixProduct {
    if (flops.signum() < 0) {
      throw new InvalidInputException(
          "flops must be >= 0, got %s for %s in %s".formatted(flops, component.label(), layer));
    }
  }
}
