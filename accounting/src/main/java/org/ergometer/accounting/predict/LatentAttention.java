package org.ergometer.accounting.predict;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * Multi-head latent attention (DeepSeek-AI 2024, section 2.1): keys and values of all heads come
 * from one narrow vector of the token, and so may queries; rotary positions have channels of their
 * own, of which all heads share the keys.
 *
 * @param queryRank width of the vector that queries come from; 0 where they come from the input
 * @param keyValueRank width of the vector that keys and values come from
 * @param rotaryDim channels of a query and of a key that turn with the position
 * @param valueDim width of a head's value
 */
public record LatentAttention(int queryRank, int keyValueRank, int rotaryDim, int valueDim) {

  public LatentAttention {
    TransformerShape.atLeast("query-latent", queryRank, 0);
    TransformerShape.atLeast("kv-latent", keyValueRank, 1);
    TransformerShape.atLeast("rotary-dim", rotaryDim, 2);
    TransformerShape.atLeast("value-dim", valueDim, 1);
    if (rotaryDim % 2 != 0) {
      throw new InvalidInputException(
          "rotary-dim must be even, since channels turn in pairs, got %s; set --rotary-dim"
              .formatted(rotaryDim));
    }
  }

  /** Weights that turn a model's width into the queries, keys and values of its heads. */
  long weights(long width, long heads, long headDim) {
    long queries = Math.multiplyExact(heads, headDim + rotaryDim);
    long ofQueries =
        queryRank == 0
            ? Math.multiplyExact(width, queries)
            : Math.multiplyExact((long) queryRank, Math.addExact(width, queries));
    long down = Math.multiplyExact(width, (long) keyValueRank + rotaryDim);
    long up =
        Math.multiplyExact((long) keyValueRank, Math.multiplyExact(heads, headDim + valueDim));
    return Math.addExact(ofQueries, Math.addExact(down, up));
  }
}
