package org.ergometer.models.transformer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is added to attention scores so that no position sees a later one: 0 where it may look,
 * minus infinity where not. Kept for each size.
 */
final class CausalMask {

  private static final double HIDDEN = Double.NEGATIVE_INFINITY;

  private final DataType dataType;
  private final Map<List<Integer>, INDArray> masks = new HashMap<>();

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
