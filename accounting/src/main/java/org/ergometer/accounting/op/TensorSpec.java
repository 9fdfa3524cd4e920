package org.ergometer.accounting.op;

/**
 * Shape and element type of one tensor; may be a view over memory that changes with the next op, so
 * keep a {@link Tensor} if it must last.
 */
public interface TensorSpec {

  ElementType elementType();

  /** Number of dimensions; 0 for a scalar. */
  int rank();

  /** Extent of a dimension; a negative one counts from the last, as in {@code size(-1)}. */
  long size(int dimension);

  /** Number of elements: the product of all extents, 1 for a scalar, 0 for an empty tensor. */
  default long length() {
    long length = 1;
    for (int dimension = 0; dimension < rank(); dimension++) {
      length = Math.multiplyExact(length, size(dimension));
    }
    return length;
  }

  /**
   * What the memory it begins in is known by: tensors of one op that give the same share their
   * bytes. 0 where that is unknown. Views that begin elsewhere in the same memory give another.
   */
  default long buffer() {
    return 0;
  }

  /** Elements times width, in bytes. */
  default long bytes() {
    return Math.multiplyExact(length(), (long) elementType().bytes());
  }
}
