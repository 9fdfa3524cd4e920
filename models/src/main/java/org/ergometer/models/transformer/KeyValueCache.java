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

  /** Most positions that there is room for from the start; a context may be far longer. */
  private static final int FIRST_ROOM = 1024;

  private final int context;
  private INDArray keys;
  private INDArray values;
  private int length;

  /** An empty one, for at most {@code context} positions. */
  KeyValueCache(DataType dataType, int context, long width) {
    this.context = context;
    keys = room(dataType, Math.min(context, FIRST_ROOM), width);
    values = room(dataType, Math.min(context, FIRST_ROOM), width);
  }

  private static INDArray room(DataType dataType, long positions, long width) {
    return Nd4j.createUninitializedDetached(dataType, positions, width);
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
    keys = roomFor(keys, next);
    return with(keys, next);
  }

  /** The values seen with those of the next positions, which are kept, [seen + next, V·K]. */
  INDArray values(INDArray next) {
    values = roomFor(values, next);
    return with(values, next);
  }

  private INDArray roomFor(INDArray seen, INDArray next) {
    long end = length + next.size(0);
    if (end <= seen.size(0)) {
      return seen;
    }
    long positions = Math.min(context, Math.max(end, 2 * seen.size(0)));
    INDArray larger = room(seen.dataType(), positions, seen.size(1));
    rows(larger, 0, length).assign(rows(seen, 0, length));
    return larger;
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
