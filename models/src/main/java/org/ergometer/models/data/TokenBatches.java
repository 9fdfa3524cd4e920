package org.ergometer.models.data;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * An endless sequence of batches of windows; the same seed gives the same batches.
 *
 * <p>The position in the sequence is one long, {@link #state()}: {@link #restore} continues from
 * there. There is one batch, refilled at each {@link #next()}.
 */
public final class TokenBatches {

  private final TokenSequence tokens;
  private final int batch;
  private final int context;
  private final WindowOrder order;
  private final Shuffle shuffle;
  private final TokenBatch current;
  private long state;

  /**
   * Windows of {@code context} tokens over a sequence.
   *
   * @param batch windows per batch, B
   * @param context tokens per window, T
   */
  public TokenBatches(TokenSequence tokens, int batch, int context, WindowOrder order, long seed) {
    if (tokens.length() < context + 1L) {
      throw new InvalidInputException(
          "training data must hold at least context + 1 = %s tokens, got %s; give more with --data"
              .formatted(context + 1L, tokens.length()));
    }
    if (batch < 1) {
      throw new InvalidInputException("batch must be >= 1, got %s; set --batch".formatted(batch));
    }
    this.tokens = tokens;
    this.batch = batch;
    this.context = context;
    this.order = order;
    this.shuffle = new Shuffle((tokens.length() - 1) / context, seed);
    this.current = new TokenBatch(batch, context);
    this.state = order == WindowOrder.RANDOM ? seed : 0;
  }

  /** Refills the batch with the next windows and hands it out. */
  public TokenBatch next() {
    for (int row = 0; row < batch; row++) {
      current.setRow(row, tokens, nextOffset());
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

  private long nextOffset() {
    return switch (order) {
      case RANDOM -> {
        state += SplitMix.GOLDEN_GAMMA;
        yield Long.remainderUnsigned(SplitMix.mixed(state), tokens.length() - context);
      }
      case SHUFFLED -> shuffle.at(state++) * context;
    };
  }
}
