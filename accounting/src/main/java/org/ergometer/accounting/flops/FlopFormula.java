package org.ergometer.accounting.flops;

import org.ergometer.accounting.op.OpDescriptor;

/**
 * FLOPs of one op as they follow from its shapes and arguments alone; a multiply and an add are
 * two.
 */
@FunctionalInterface
public interface FlopFormula {

  /** Exact count, at least 0; throws {@link ArithmeticException} rather than wrap. */
  long flops(OpDescriptor op);
}
