package org.ergometer.models.data;

/**
 * An endless sequence of batches of random windows; the same seed gives the same batches.
 *
 * <p>The position in the sequence is one long, {@link #state()}: {@link #restore} continues from
 * there. There is one batch, refilled at each {@link #next()}.
 */
public final class TokenBatches {

  /** Increment of SplitMix64 (Steele, Lea, Flood 2014), the odd number nearest to 2^64 / phi. */
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final int[] tokens;
  private final int batch;
  private final int context;
  private final TokenBatch current;
  private long state;

  /**
   * Windows of {@code context} tokens over a sequence.
   *
   * @param batch windows per batch, B
   * @param context tokens per window, T
   */
  public TokenBatches(int[] tokens, int batch, int context, long seed) {
    if (tokens.length < context + 1L) {
      throw new IllegalArgumentException(
          "training data must hold at least context + 1 = %d tokens, got %d; give more with --data"
              .formatted(context + 1L, tokens.length));
    }
    if (batch < 1) {
      throw new IllegalArgumentException(
          "batch must be >= 1, got %d; set --batch".formatted(batch));
    }
    this.tokens = tokens;
    this.batch = batch;
    this.context = context;
    this.current = new TokenBatch(batch, context);
    this.state = seed;
  }

  /** Refills the batch with the next random windows and hands it out. */
  public TokenBatch next() {
    int windows = tokens.length - context;
    for (int row = 0; row < batch; row++) {
      current.setRow(row, tokens, (int) Long.remainderUnsigned(nextRandom(), windows));
    }
    current.flush();
    return current;
  }

  /** Tokens in a batch, B·T. */
  public int tokens() {
    return current.tokens();
  }

  /** Position in the sequence of batches. */
  public long state() {
    return state;
  }

  /** Goes to a position that {@link #state()} gave. */
  public void restore(long position) {
    state = position;
  }

  private long nextRandom() {
    state += GOLDEN_GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
