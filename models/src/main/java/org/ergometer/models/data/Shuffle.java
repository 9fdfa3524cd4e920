package org.ergometer.models.data;

/**
 * A random order of {@code size} things that takes no memory, and another one after each round: a
 * four-round Feistel network over the next power of four, walked until it is within the size (Black
 * and Rogaway 2002, "Ciphers with arbitrary finite domains").
 */
final class Shuffle {

  private static final int ROUNDS = 4;

  private final long size;
  private final long seed;
  private final int halfBits;
  private final long halfMask;

  /** An order of the numbers from 0 until before {@code size}, which is at least 1. */
  Shuffle(long size, long seed) {
    this.size = size;
    this.seed = seed;
    int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(size - 1));
    this.halfBits = (bits + 1) / 2;
    this.halfMask = (1L << halfBits) - 1;
  }

  /** The number at a place; places go on after the last, in another order. */
  long at(long place) {
    long key = SplitMix.mixed(seed + SplitMix.GOLDEN_GAMMA * (place / size));
    long number = place % size;
    do {
      number = permuted(number, key);
    } while (number >= size);
    return number;
  }

  private long permuted(long number, long key) {
    long left = number >>> halfBits;
    long right = number & halfMask;
    for (int round = 1; round <= ROUNDS; round++) {
      long mixed = SplitMix.mixed(key + SplitMix.GOLDEN_GAMMA * round + right);
      long next = left ^ (mixed & halfMask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }
}
