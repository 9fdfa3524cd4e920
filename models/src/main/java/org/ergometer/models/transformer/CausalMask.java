package org.ergometer.models.transformer;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is added to attention scores so that no position sees a later one: 0 where it may look,
 * minus infinity where not. Kept until another length is asked for.
 */
final class CausalMask {

  private static final double HIDDEN = Double.NEGATIVE_INFINITY;

  private final DataType dataType;
  private @Nullable INDArray mask;

  CausalMask(DataType dataType) {
    this.dataType = dataType;
  }

  /** The mask [T·T], row by row. */
  INDArray flat(int time) {
    INDArray current = mask;
    if (current == null || current.length() != (long) time * time) {
      current = create(time);
      mask = current;
    }
    return current;
  }

  private INDArray create(int time) {
    long length = Math.multiplyExact((long) time, (long) time);
    INDArray created = Nd4j.createUninitializedDetached(dataType, length);
    for (int row = 0; row < time; row++) {
      for (int column = 0; column < time; column++) {
        created.putScalar((long) row * time + column, column > row ? HIDDEN : 0);
      }
    }
    return created;
  }
}
