package org.ergometer.accounting.predict;

/**
 * How causal attention is cut into blocks of queries, each of which is compared with the keys up to
 * its last query only: most of what the mask would hide is never computed.
 *
 * <p>T: tokens of a sequence.
 */
public final class CausalBlocks {

  /** Queries of a block; fewer make the products too small to be fast. */
  private static final int QUERIES = 64;

  /** T from which on sequences are cut; below, more and smaller products cost what they save. */
  private static final int SHORTEST = 128;

  private CausalBlocks() {}

  /** Queries of each block but perhaps the last; all T in a short sequence. */
  public static long queries(long tokens) {
    return tokens < SHORTEST ? tokens : QUERIES;
  }

  /** Scores that are computed for one head of one sequence: at most T². */
  public static long scores(long tokens) {
    return scores(0, tokens);
  }

  /**
   * Scores that are computed for one head where T tokens follow others whose keys are kept.
   *
   * @param past tokens before
   */
  public static long scores(long past, long tokens) {
    long scores = 0;
    long queries = queries(tokens);
    for (long begin = 0; begin < tokens; begin += queries) {
      long end = Math.min(tokens, begin + queries);
      scores = Math.addExact(scores, Math.multiplyExact(end - begin, past + end));
    }
    return scores;
  }
}
