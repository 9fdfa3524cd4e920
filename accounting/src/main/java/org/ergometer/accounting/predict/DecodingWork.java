package org.ergometer.accounting.predict;

/**
 * How much a model did to write text with keys and values kept, in units that each take the same
 * matrix products.
 *
 * @param predictions rows of logits
 * @param positions tokens that went through the blocks
 * @param scores of a query with a key, of one head of one block
 */
public record DecodingWork(long predictions, long positions, long scores) {

  public static final DecodingWork NONE = new DecodingWork(0, 0, 0);

  /** One prediction, after {@code tokens} more where {@code past} were read before. */
  public static DecodingWork of(long past, long tokens) {
    return new DecodingWork(1, tokens, CausalBlocks.scores(past, tokens));
  }

  public DecodingWork plus(DecodingWork other) {
    return new DecodingWork(
        Math.addExact(predictions, other.predictions),
        Math.addExact(positions, other.positions),
        Math.addExact(scores, other.scores));
  }

  public DecodingWork minus(DecodingWork other) {
    return plus(new DecodingWork(-other.predictions, -other.positions, -other.scores));
  }
}
