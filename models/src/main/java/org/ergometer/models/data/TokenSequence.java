package org.ergometer.models.data;

/** Tokens by position, in memory or in a file that may be larger than it. */
public interface TokenSequence {

  /** Number of tokens. */
  long length();

  /**
   * Copies tokens.
   *
   * @param offset position of the first
   * @param target array that takes them, from {@code at} on
   * @param count how many
   */
  void copy(long offset, int[] target, int at, int count);

  /** Tokens in memory; the array is not copied. */
  static TokenSequence of(int... tokens) {
    return new TokenSequence() {
      @Override
      public long length() {
        return tokens.length;
      }

      @Override
      public void copy(long offset, int[] target, int at, int count) {
        System.arraycopy(tokens, Math.toIntExact(offset), target, at, count);
      }
    };
  }

  /** The tokens from one position until before another, as a view. */
  default TokenSequence part(long from, long to) {
    TokenSequence whole = this;
    return new TokenSequence() {
      @Override
      public long length() {
        return to - from;
      }

      @Override
      public void copy(long offset, int[] target, int at, int count) {
        whole.copy(from + offset, target, at, count);
      }
    };
  }
}
