package org.ergometer.runtime.acceleration;

import java.util.stream.IntStream;
import org.bytedeco.dnnl.global.dnnl;

/**
 * A tensor of 16-bit numbers that has a copy in float32: batches one after the other, and of the
 * last two dimensions the one with the smaller stride last, so that memory is walked in order.
 */
final class WidenedTensor {

  private final TensorLayout layout;
  private final TensorLayout copy;
  private final int[] order;
  private final long[] index;

  WidenedTensor(TensorLayout layout) {
    this.layout = layout;
    int rank = layout.rank();
    boolean columnsFirst = layout.stride(-2) < layout.stride(-1);
    this.order = IntStream.range(0, rank).toArray();
    TensorLayout inOrder = layout;
    if (columnsFirst) {
      order[rank - 1] = rank - 2;
      order[rank - 2] = rank - 1;
      inOrder = layout.transposed();
    }
    TensorLayout dense = TensorLayout.dense(dnnl.dnnl_f32, inOrder.extents);
    this.copy = columnsFirst ? dense.transposed() : dense;
    this.index = new long[rank];
  }

  /** The copy's layout. */
  TensorLayout copy() {
    return copy;
  }

  /** Bytes of the copy. */
  long copyBytes() {
    long length = Float.BYTES;
    for (long extent : copy.extents) {
      length *= extent;
    }
    return length;
  }

  /** Fills the copy. */
  void widen(long tensor, long to) {
    int inner = order[order.length - 1];
    long count = layout.extent(inner);
    long stride = layout.stride(inner);
    long at = to;
    do {
      SixteenBits.widen(layout.type, tensor + Short.BYTES * offset(), stride, at, count);
      at += Float.BYTES * count;
    } while (next());
  }

  /** Fills the tensor from the copy. */
  void narrow(long from, long tensor) {
    int inner = order[order.length - 1];
    long count = layout.extent(inner);
    long stride = layout.stride(inner);
    long at = from;
    do {
      SixteenBits.narrow(layout.type, at, tensor + Short.BYTES * offset(), stride, count);
      at += Float.BYTES * count;
    } while (next());
  }

  private long offset() {
    long offset = 0;
    for (int dimension = 0; dimension < index.length; dimension++) {
      offset += index[dimension] * layout.stride(dimension);
    }
    return offset;
  }

  /** The next row; false after the last, when the first is next again. */
  private boolean next() {
    for (int place = order.length - 2; place >= 0; place--) {
      int dimension = order[place];
      if (++index[dimension] < layout.extent(dimension)) {
        return true;
      }
      index[dimension] = 0;
    }
    return false;
  }
}
