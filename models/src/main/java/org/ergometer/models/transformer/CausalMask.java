package org.ergometer.models.transformer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is added to attention scores so that no position sees a later one: 0 where it may look,
 * minus infinity where not. Kept for the sizes that were used last.
 */
final class CausalMask {

  /** More than the blocks of a step have; texts of ever new lengths must not fill the memory. */
  private static final int MOST_MASKS = 64;

  private static final double HIDDEN = Double.NEGATIVE_INFINITY;

  private final DataType dataType;
  private final Map<List<Integer>, INDArray> masks =
      new LinkedHashMap<>(MOST_MASKS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Integer>, INDArray> eldest) {
          return size() > MOST_MASKS;
        }
      };

  CausalMask(DataType dataType) {
    this.dataType = dataType;
  }

  /** The mask [Q·K], row by row, for the last Q queries of K positions. */
  INDArray flat(int queries, int keys) {
    return masks.computeIfAbsent(List.of(queries, keys), size -> create(queries, keys));
  }

  private INDArray create(int queries, int keys) {
    long length = Math.multiplyExact((long) queries, (long) keys);
    INDArray created = Nd4j.createUninitializedDetached(dataType, length);
    for (int row = 0; row < queries; row++) {
      for (int column = 0; column < keys; column++) {
        boolean hidden = column - row > keys - queries;
        created.putScalar((long) row * keys + column, hidden ? HIDDEN : 0);
      }
    }
    return created;
  }
}
