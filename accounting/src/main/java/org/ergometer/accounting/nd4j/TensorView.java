package org.ergometer.accounting.nd4j;

import java.util.Objects;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.TensorSpec;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;

/**
 * A tensor of the op that is being counted: filled again and again, so that counting allocates
 * nothing.
 */
final class TensorView implements TensorSpec {

  /** ND4J's own limit. */
  private static final int MAX_RANK = 32;

  private final long[] extents = new long[MAX_RANK];
  private int rank;
  private ElementType type = ElementType.FLOAT32;
  private boolean empty;
  private long buffer;

  /**
   * Reads ND4J's shape descriptor in host memory: rank, extents, strides, flags, element-wise
   * stride, order; all 64-bit words.
   */
  void read(long shapeInfo) {
    long words = HostMemory.word(shapeInfo);
    if (words < 0 || words > MAX_RANK) {
      throw new IllegalStateException("rank must be in 0..32, got " + words);
    }
    rank = Math.toIntExact(words);
    for (int dimension = 0; dimension < rank; dimension++) {
      extents[dimension] = HostMemory.word(shapeInfo + (long) Long.BYTES * (1 + dimension));
    }
    long flags = HostMemory.word(shapeInfo + (long) Long.BYTES * (1 + 2 * rank));
    type = typeOf(flags);
    empty = has(flags, ArrayOptionsHelper.ATYPE_EMPTY_BIT);
    buffer = 0;
  }

  /** Says what memory the tensor lies in. */
  void in(long memory) {
    buffer = memory;
  }

  /** A vector of {@code length} elements. */
  void vector(ElementType elementType, long length) {
    rank = 1;
    extents[0] = length;
    type = elementType;
    empty = length == 0;
    buffer = 0;
  }

  void copy(TensorView other) {
    rank = other.rank;
    System.arraycopy(other.extents, 0, extents, 0, rank);
    type = other.type;
    empty = other.empty;
    buffer = other.buffer;
  }

  @Override
  public ElementType elementType() {
    return type;
  }

  @Override
  public long buffer() {
    return buffer;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public long size(int dimension) {
    return extents[Objects.checkIndex(dimension < 0 ? rank + dimension : dimension, rank)];
  }

  @Override
  public long length() {
    return empty ? 0 : TensorSpec.super.length();
  }

  /** The order of the questions is ND4J's: the flags overlap with those of special storage. */
  private static ElementType typeOf(long flags) {
    boolean unsigned = has(flags, ArrayOptionsHelper.DTYPE_UNSIGNED_BIT);
    if (has(flags, ArrayOptionsHelper.DTYPE_HALF_BIT)) {
      return ElementType.FLOAT16;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_BFLOAT16_BIT)) {
      return ElementType.BFLOAT16;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_FLOAT_BIT)) {
      return ElementType.FLOAT32;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_DOUBLE_BIT)) {
      return ElementType.FLOAT64;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_INT_BIT)) {
      return unsigned ? ElementType.UINT32 : ElementType.INT32;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_LONG_BIT)) {
      return unsigned ? ElementType.UINT64 : ElementType.INT64;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_BOOL_BIT)) {
      return ElementType.BOOL;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_BYTE_BIT)) {
      return unsigned ? ElementType.UINT8 : ElementType.INT8;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_SHORT_BIT)) {
      return unsigned ? ElementType.UINT16 : ElementType.INT16;
    } else if (has(flags, ArrayOptionsHelper.DTYPE_UTF8_BIT)) {
      return ElementType.STRING;
    }
    throw new IllegalStateException("no element type in flags 0x" + Long.toHexString(flags));
  }

  private static boolean has(long flags, long bit) {
    return (flags & bit) != 0;
  }
}
