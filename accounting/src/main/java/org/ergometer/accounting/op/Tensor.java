package org.ergometer.accounting.op;

import java.util.List;
import java.util.stream.LongStream;

/** An immutable {@link TensorSpec}, for tests, predictions and reports. */
public record Tensor(ElementType elementType, List<Long> shape) implements TensorSpec {

  public Tensor {
    shape = List.copyOf(shape);
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("extent must be >= 0, got " + extent + " in " + shape);
      }
    }
  }

  /** A tensor of the given extents; none for a scalar. */
  public static Tensor of(ElementType elementType, long... shape) {
    return new Tensor(elementType, LongStream.of(shape).boxed().toList());
  }

  @Override
  public int rank() {
    return shape.size();
  }

  @Override
  public long size(int dimension) {
    return shape.get(dimension < 0 ? shape.size() + dimension : dimension);
  }
}
