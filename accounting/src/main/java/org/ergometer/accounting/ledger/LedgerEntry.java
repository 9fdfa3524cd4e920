package org.ergometer.accounting.ledger;

import java.math.BigInteger;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;

/**
 * Total of one op in one layer, phase and element type.
 *
 * @param type compute type for FLOPs and executions, tensor type for bytes
 * @param executions how often the op ran with this compute type
 * @param flops floating-point operations; multiply-add = 2
 */
public record LedgerEntry(
    String layer,
    Phase phase,
    OpFamily family,
    String op,
    OpClass opClass,
    ElementType type,
    long executions,
    BigInteger flops,
    BigInteger bytesRead,
    BigInteger bytesWritten) {}
