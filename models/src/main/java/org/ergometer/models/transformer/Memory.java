package org.ergometer.models.transformer;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Where new arrays of one kind go, chosen by how long they must live. */
interface Memory {

  /** The same for arrays of another element type. */
  Memory as(DataType other);

  /** A new array in c-order, its contents undefined. */
  INDArray array(long... shape);

  /** A new array of the same shape as {@code other}. */
  default INDArray like(INDArray other) {
    return array(other.shape());
  }
}
