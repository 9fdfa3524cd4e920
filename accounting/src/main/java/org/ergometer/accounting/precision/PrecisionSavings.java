package org.ergometer.accounting.precision;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;

/**
 * Bytes that executed ops moved beside those of the baseline: the same ops on the same shapes with
 * every 16-bit floating-point tensor in float32, and without the casts, which float32 does not
 * need. A run whose casts cost more than the smaller operands spare has saved less than nothing.
 *
 * @param matmulFlops FLOPs of matrix products; multiply-add = 2
 * @param halfMatmulFlops those among them on 16-bit operands
 * @param movedBytes bytes read and written, casts included
 * @param castBytes those among them that casts read and wrote
 * @param savedByPhase baseline minus moved; phases without a difference are left out
 */
public record PrecisionSavings(
    BigInteger matmulFlops,
    BigInteger halfMatmulFlops,
    BigInteger movedBytes,
    BigInteger castBytes,
    Map<Phase, BigInteger> savedByPhase) {

  /** What the baseline is, in words. */
  public static final String BASELINE =
      "the same ops on the same shapes, 16-bit tensors as float32, without casts";

  public PrecisionSavings {
    savedByPhase = Map.copyOf(savedByPhase);
  }

  /** The savings of what a ledger holds. */
  public static PrecisionSavings of(LedgerSnapshot ledger) {
    LedgerSnapshot products = ledger.where(entry -> entry.opClass() == OpClass.MATMUL);
    LedgerSnapshot casts = ledger.where(PrecisionSavings::isCast);
    Map<Phase, BigInteger> saved = new TreeMap<>();
    for (LedgerEntry entry : ledger.entries()) {
      BigInteger difference = baseline(entry).subtract(moved(entry));
      if (difference.signum() != 0) {
        saved.merge(entry.phase(), difference, BigInteger::add);
      }
    }
    return new PrecisionSavings(
        products.flops(),
        products.where(entry -> isHalf(entry.type())).flops(),
        ledger.bytesRead().add(ledger.bytesWritten()),
        casts.bytesRead().add(casts.bytesWritten()),
        saved);
  }

  /** Baseline minus moved; negative where mixed precision moved more. */
  public BigInteger savedBytes() {
    return savedByPhase.values().stream().reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** Part of the matrix products' FLOPs on 16-bit operands, 0 to 1; 0 where there are none. */
  public double halfShare() {
    return matmulFlops.signum() == 0
        ? 0
        : halfMatmulFlops.doubleValue() / matmulFlops.doubleValue();
  }

  private static BigInteger baseline(LedgerEntry entry) {
    if (isCast(entry)) {
      return BigInteger.ZERO;
    }
    return isHalf(entry.type()) ? moved(entry).shiftLeft(1) : moved(entry);
  }

  private static BigInteger moved(LedgerEntry entry) {
    return entry.bytesRead().add(entry.bytesWritten());
  }

  /** Casts between integers, or from those, are the same in every precision. */
  private static boolean isCast(LedgerEntry entry) {
    return entry.opClass() == OpClass.CAST && entry.type().floating();
  }

  private static boolean isHalf(ElementType type) {
    return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
  }
}
