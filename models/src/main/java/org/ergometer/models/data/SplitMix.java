package org.ergometer.models.data;

/** The random numbers of SplitMix64 (Steele, Lea, Flood 2014), whose whole state is one long. */
final class SplitMix {

  /** What the state grows by: the odd number nearest to 2^64 / phi. */
  static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private SplitMix() {}

  /** The random number that belongs to a state. */
  static long mixed(long state) {
    long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
