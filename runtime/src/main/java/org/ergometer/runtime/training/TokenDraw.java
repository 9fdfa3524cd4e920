package org.ergometer.runtime.training;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Draws tokens from logits: sharpens them by a temperature, keeps the likeliest (top-k; then, of
 * what is left, the nucleus of Holtzman et al. 2020, top-p), and draws among those. The same seed
 * gives the same draws.
 */
public final class TokenDraw {

  /** No token. */
  static final int NONE = -1;

  private static final long INDEX_MASK = 0xFFFF_FFFFL;

  private final double temperature;
  private final @Nullable Integer topK;
  private final double topP;
  private final SplittableRandom random;

  /**
   * A sequence of draws.
   *
   * @param temperature divides the logits; 0 always takes the likeliest token
   * @param topK tokens to draw from at most; null for all
   * @param topP part of the probability that the likeliest tokens must make up to be enough, above
   *     0; 1 for all
   */
  public TokenDraw(double temperature, @Nullable Integer topK, double topP, long seed) {
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw new InvalidInputException(
          "temperature must be >= 0, got %s; set --temperature".formatted(temperature));
    }
    if (topK != null && topK < 1) {
      throw new InvalidInputException("top-k must be >= 1, got %s; set --top-k".formatted(topK));
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InvalidInputException(
          "top-p must be above 0 and at most 1, got %s; set --top-p".formatted(topP));
    }
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    this.random = new SplittableRandom(seed);
  }

  /** Draws from all tokens. */
  public TokenDraw(double temperature, long seed) {
    this(temperature, null, 1, seed);
  }

  /**
   * The next token; of equally likely ones the first is the likeliest. {@link #NONE} where a logit
   * is NaN or infinitely high.
   */
  public int draw(float[] logits) {
    if (!areNumbers(logits)) {
      return NONE;
    }
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    if (temperature == 0) {
      return best;
    }
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int token = 0; token < logits.length; token++) {
      weights[token] = Math.exp((logits[token] - logits[best]) / temperature);
      sum += weights[token];
    }
    if (topK != null || topP < 1) {
      sum = keepLikeliest(logits, weights, sum);
    }
    double left = random.nextDouble() * sum;
    for (int token = 0; token < logits.length; token++) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return best;
  }

  /** Of NaN nothing is the likeliest; a model that has diverged gives it. */
  private static boolean areNumbers(float[] logits) {
    for (float logit : logits) {
      if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
        return false;
      }
    }
    return true;
  }

  /** Sets the weights of the others to 0; gives the sum of what is left. */
  private double keepLikeliest(float[] logits, double[] weights, double sum) {
    int[] ranked = ranked(logits);
    int kept = topK == null ? ranked.length : Math.min(topK, ranked.length);
    if (kept < ranked.length) {
      sum = 0;
      for (int rank = 0; rank < kept; rank++) {
        sum += weights[ranked[rank]];
      }
    }
    double reached = 0;
    int enough = 0;
    while (enough < kept && (enough == 0 || reached < topP * sum)) {
      reached += weights[ranked[enough++]];
    }
    for (int rank = enough; rank < ranked.length; rank++) {
      weights[ranked[rank]] = 0;
    }
    return reached;
  }

  /** Tokens, the likeliest first; sorted as numbers of which the upper half are the logits. */
  private static int[] ranked(float[] logits) {
    long[] keys = new long[logits.length];
    for (int token = 0; token < logits.length; token++) {
      int bits = Float.floatToIntBits(logits[token]);
      int ascending = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
      keys[token] = ((long) ~ascending << Integer.SIZE) | token;
    }
    Arrays.sort(keys);
    int[] ranked = new int[keys.length];
    for (int rank = 0; rank < keys.length; rank++) {
      ranked[rank] = (int) (keys[rank] & INDEX_MASK);
    }
    return ranked;
  }
}
