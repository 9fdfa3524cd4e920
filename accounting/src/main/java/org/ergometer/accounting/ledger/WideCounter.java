package org.ergometer.accounting.ledger;

import java.math.BigInteger;

/** A sum of longs that stays exact past 2^63: the low 63 bits, and how often they overflowed. */
final class WideCounter {

  private static final int LOW_BITS = 63;

  private long low;
  private long carries;

  void add(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("counts only grow; got " + amount);
    }
    low += amount;
    if (low < 0) {
      low &= Long.MAX_VALUE;
      carries++;
    }
  }

  void set(WideCounter other) {
    low = other.low;
    carries = other.carries;
  }

  BigInteger value() {
    return BigInteger.valueOf(carries).shiftLeft(LOW_BITS).add(BigInteger.valueOf(low));
  }
}
