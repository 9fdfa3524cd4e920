package org.ergometer.models.transformer;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keys and values of the positions that one attention layer has seen of a text, so that a new
 * position's are all that has to be computed.
 *
 * <p>Dimensions: T context, V heads of keys and values, K head dimension; rows [T, V·K].
 */
final class KeyValueCache {

  private final INDArray keys;
  private final INDArray values;
  private int length;

  /** An empty one, for at most {@code context} positions. */
  KeyValueCache(DataType dataType, int context, long width) {
    keys = Nd4j.createUninitializedDetached(dataType, context, width);
    values = Nd4j.createUninitializedDetached(dataType, context, width);
  }

  /** Positions seen. */
  int length() {
    return length;
  }

  /** Forgets all positions but the first. */
  void length(int positions) {
    length = positions;
  }

  /** The keys seen with those of the next positions, which are kept, [seen + next, V·K]. */
  INDArray keys(INDArray next) {
    return with(keys, next);
  }

  /** The values seen with those of the next positions, which are kept, [seen + next, V·K]. */
  INDArray values(INDArray next) {
    return with(values, next);
  }

  private INDArray with(INDArray seen, INDArray next) {
    long end = length + next.size(0);
    rows(seen, length, end).assign(next);
    return rows(seen, 0, end);
  }

  private static INDArray rows(INDArray x, long begin, long end) {
    long width = x.size(1);
    long[] extents = {end - begin, width};
    return Nd4j.create(x.data(), extents, new long[] {width, 1}, begin * width, 'c');
  }
}
