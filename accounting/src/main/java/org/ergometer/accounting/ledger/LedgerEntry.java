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
 * @param footprint bytes of distinct memory that each execution touched: what an op reads and
 *     writes in place counts once
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
    BigInteger bytesWritten,
    BigInteger footprint) {

  /** An op whose tensors share no memory. */
  public LedgerEntry(
      String layer,
      Phase phase,
      OpFamily family,
      String op,
      OpClass opClass,
      ElementType type,
      long executions,
      BigInteger flops,
      BigInteger bytesRead,
      BigInteger bytesWritten) {
    this(
        layer,
        phase,
        family,
        op,
        opClass,
        type,
        executions,
        flops,
        bytesRead,
        bytesWritten,
        bytesRead.add(bytesWritten));
  }

  /** Amounts of this entry beyond those of an earlier one of the same place and op. */
  LedgerEntry minus(LedgerEntry earlier) {
    return new LedgerEntry(
        layer,
        phase,
        family,
        op,
        opClass,
        type,
        executions - earlier.executions,
        flops.subtract(earlier.flops),
        bytesRead.subtract(earlier.bytesRead),
        bytesWritten.subtract(earlier.bytesWritten),
        footprint.subtract(earlier.footprint));
  }

  /** Amounts of this entry and of another of the same place and op. */
  LedgerEntry plus(LedgerEntry other) {
    return new LedgerEntry(
        layer,
        phase,
        family,
        op,
        opClass,
        type,
        Math.addExact(executions, other.executions),
        flops.add(other.flops),
        bytesRead.add(other.bytesRead),
        bytesWritten.add(other.bytesWritten),
        footprint.add(other.footprint));
  }

  boolean isEmpty() {
    return executions == 0
        && flops.signum() == 0
        && bytesRead.signum() == 0
        && bytesWritten.signum() == 0
        && footprint.signum() == 0;
  }
}
