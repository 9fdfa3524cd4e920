package org.ergometer.accounting.op;

import java.util.Arrays;

/** An immutable {@link TensorSpec}, for tests, predictions and reports. */
public record Tensor(ElementType elementType, long... shape) implements TensorSpec {

  public Tensor {
    shape = shape.clone();
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "extent must be >= 0, got " + extent + " in " + Arrays.toString(shape));
      }
    }
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public int rank() {
    return shape.length;
  }

  @Override
  public long size(int dimension) {
    return shape[dimension < 0 ? shape.length + dimension : dimension];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && elementType == that.elementType
        && Arrays.equals(shape, that.shape);
  }

  @Override
  public int hashCode() {
    return 31 * elementType.hashCode() + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return elementType.label() + Arrays.toString(shape);
  }
}
