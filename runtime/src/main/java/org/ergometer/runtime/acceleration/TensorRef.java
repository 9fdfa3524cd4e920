package org.ergometer.runtime.acceleration;

import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;

/**
 * A tensor of a call: where its elements begin, its extents and strides; filled again for each
 * call, so that nothing is allocated.
 */
final class TensorRef {

  /** ND4J's own limit. */
  private static final int MAX_RANK = 32;

  private final long[] extents = new long[MAX_RANK];
  private final long[] strides = new long[MAX_RANK];
  private int rank;
  private long flags;
  private long address;

  /**
   * Reads ND4J's shape descriptor: rank, extents, strides, flags; all 64-bit words.
   *
   * @param data address of the first element
   */
  void read(long shapeInfo, long data) {
    rank = Math.toIntExact(HostMemory.word(shapeInfo));
    long next = shapeInfo + Long.BYTES;
    for (int dimension = 0; dimension < rank; dimension++, next += Long.BYTES) {
      extents[dimension] = HostMemory.word(next);
    }
    for (int dimension = 0; dimension < rank; dimension++, next += Long.BYTES) {
      strides[dimension] = HostMemory.word(next);
    }
    flags = HostMemory.word(next);
    address = data;
  }

  /** Address of the first element; 0 for an array without elements. */
  long address() {
    return address;
  }

  int rank() {
    return rank;
  }

  /** Elements along a dimension. */
  long extent(int dimension) {
    return extents[dimension];
  }

  /** Elements from one index of a dimension to the next. */
  long stride(int dimension) {
    return strides[dimension];
  }

  /** Number of elements. */
  long length() {
    if (has(ArrayOptionsHelper.ATYPE_EMPTY_BIT)) {
      return 0;
    }
    long length = 1;
    for (int dimension = 0; dimension < rank; dimension++) {
      length *= extents[dimension];
    }
    return length;
  }

  /** Whether the elements lie in c-order without gaps. */
  boolean dense() {
    long expected = 1;
    for (int dimension = rank - 1; dimension >= 0; dimension--) {
      if (extents[dimension] != 1 && strides[dimension] != expected) {
        return false;
      }
      expected *= extents[dimension];
    }
    return true;
  }

  /** Whether another tensor has the same extents. */
  boolean sameExtents(TensorRef other) {
    if (rank != other.rank) {
      return false;
    }
    for (int dimension = 0; dimension < rank; dimension++) {
      if (extents[dimension] != other.extents[dimension]) {
        return false;
      }
    }
    return true;
  }

  boolean isFloat32() {
    return has(ArrayOptionsHelper.DTYPE_FLOAT_BIT) && !isFloat16() && !isBfloat16();
  }

  boolean isFloat16() {
    return has(ArrayOptionsHelper.DTYPE_HALF_BIT);
  }

  boolean isBfloat16() {
    return has(ArrayOptionsHelper.DTYPE_BFLOAT16_BIT) && !isFloat16();
  }

  boolean isInt32() {
    return has(ArrayOptionsHelper.DTYPE_INT_BIT)
        && !has(ArrayOptionsHelper.DTYPE_UNSIGNED_BIT)
        && !isFloat32()
        && !isFloat16()
        && !isBfloat16();
  }

  /** The flags of element type and storage, as ND4J keeps them. */
  long flags() {
    return flags;
  }

  private boolean has(long bit) {
    return (flags & bit) != 0;
  }
}
