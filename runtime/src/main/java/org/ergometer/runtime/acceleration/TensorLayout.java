package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.LongPointer;

/**
 * Type, extents and strides of a tensor as the library is told them; changed while a primitive is
 * being made, never afterwards.
 */
final class TensorLayout {

  /** No type that the library computes in. */
  static final int NO_TYPE = dnnl.dnnl_data_type_undef;

  final int type;
  final long[] extents;
  final long[] strides;

  private TensorLayout(int type, long[] extents, long[] strides) {
    this.type = type;
    this.extents = extents;
    this.strides = strides;
  }

  static TensorLayout of(TensorRef tensor) {
    int rank = tensor.rank();
    long[] extents = new long[rank];
    long[] strides = new long[rank];
    for (int dimension = 0; dimension < rank; dimension++) {
      extents[dimension] = tensor.extent(dimension);
      strides[dimension] = tensor.stride(dimension);
    }
    return new TensorLayout(typeOf(tensor), extents, strides);
  }

  /** A new tensor in c-order. */
  static TensorLayout dense(int type, long... extents) {
    long[] strides = new long[extents.length];
    long next = 1;
    for (int dimension = extents.length - 1; dimension >= 0; dimension--) {
      strides[dimension] = next;
      next *= extents[dimension];
    }
    return new TensorLayout(type, extents.clone(), strides);
  }

  /** A dense tensor as a matrix of the rows of its last dimension. */
  static TensorLayout rows(TensorRef tensor) {
    long columns = tensor.extent(tensor.rank() - 1);
    return dense(typeOf(tensor), tensor.length() / columns, columns);
  }

  /**
   * Two dense tensors, the second to be broadcast to the first, with as few dimensions as they
   * need: neighbours that are broadcast alike are one. None if they do not fit.
   */
  static TensorLayout[] broadcast(TensorRef x, TensorRef y) {
    long[] extents = new long[x.rank()];
    long[] other = new long[x.rank()];
    int count = 0;
    boolean previous = false;
    int shift = x.rank() - y.rank();
    for (int dimension = 0; dimension < x.rank(); dimension++) {
      long wanted = x.extent(dimension);
      long given = dimension < shift ? 1 : y.extent(dimension - shift);
      if (wanted == 1 && given == 1) {
        continue;
      }
      if (given != wanted && given != 1) {
        return new TensorLayout[0];
      }
      boolean same = given == wanted;
      if (count > 0 && same == previous) {
        extents[count - 1] *= wanted;
        other[count - 1] *= given;
      } else {
        extents[count] = wanted;
        other[count++] = given;
      }
      previous = same;
    }
    if (count == 0) {
      extents = new long[] {1};
      other = new long[] {1};
      count = 1;
    }
    return new TensorLayout[] {
      dense(typeOf(x), Arrays.copyOf(extents, count)), dense(typeOf(y), Arrays.copyOf(other, count))
    };
  }

  static int typeOf(TensorRef tensor) {
    if (tensor.isFloat32()) {
      return dnnl.dnnl_f32;
    } else if (tensor.isBfloat16()) {
      return dnnl.dnnl_bf16;
    } else if (tensor.isFloat16()) {
      return dnnl.dnnl_f16;
    }
    return NO_TYPE;
  }

  int rank() {
    return extents.length;
  }

  /** Extent by a dimension that may count from the end, -1 being the last. */
  long extent(int dimension) {
    return extents[dimension < 0 ? rank() + dimension : dimension];
  }

  long stride(int dimension) {
    return strides[dimension < 0 ? rank() + dimension : dimension];
  }

  /** The same memory with the last two dimensions exchanged. */
  TensorLayout transposed() {
    TensorLayout swapped = new TensorLayout(type, extents.clone(), strides.clone());
    int last = rank() - 1;
    swapped.extents[last] = extents[last - 1];
    swapped.extents[last - 1] = extents[last];
    swapped.strides[last] = strides[last - 1];
    swapped.strides[last - 1] = strides[last];
    return swapped;
  }

  /**
   * The same memory, with strides that mean nothing (of dimensions of one element) replaced by
   * those of a dense tensor; ND4J leaves anything there.
   */
  TensorLayout normalized() {
    long[] clean = strides.clone();
    for (int dimension = rank() - 1; dimension >= 0; dimension--) {
      if (extents[dimension] == 1) {
        clean[dimension] =
            dimension == rank() - 1 ? 1 : clean[dimension + 1] * extents[dimension + 1];
      }
    }
    return new TensorLayout(type, extents, clean);
  }

  /**
   * The same matrices with dimensions of one batch left out: oneDNN 3.11 takes a wrong stride for
   * the others where there are such.
   */
  TensorLayout withoutSingleBatches() {
    int[] kept =
        IntStream.range(0, rank())
            .filter(dimension -> dimension >= rank() - 2 || extents[dimension] != 1)
            .toArray();
    return new TensorLayout(
        type,
        Arrays.stream(kept).mapToLong(dimension -> extents[dimension]).toArray(),
        Arrays.stream(kept).mapToLong(dimension -> strides[dimension]).toArray());
  }

  /** What is at one index of the first dimension. */
  TensorLayout slice() {
    return new TensorLayout(
        type, Arrays.copyOfRange(extents, 1, rank()), Arrays.copyOfRange(strides, 1, rank()));
  }

  int elementBytes() {
    return SixteenBits.is(type) ? Short.BYTES : Float.BYTES;
  }

  /** Whether no element is at two places and all strides are positive, as the library wants it. */
  boolean distinct() {
    for (int dimension = 0; dimension < rank(); dimension++) {
      if (extents[dimension] > 1 && strides[dimension] < 1) {
        return false;
      }
      for (int other = 0; other < rank(); other++) {
        if (overlaps(dimension, other)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the smaller stride of two dimensions reaches into the next step of the larger one. */
  private boolean overlaps(int inner, int outer) {
    return inner != outer
        && extents[inner] > 1
        && extents[outer] > 1
        && strides[inner] <= strides[outer]
        && strides[inner] * extents[inner] > strides[outer];
  }

  /** The library's descriptor; to be destroyed by who asked for it. */
  dnnl_memory_desc descriptor() {
    dnnl_memory_desc descriptor = new dnnl_memory_desc();
    try (LongPointer dims = new LongPointer(extents);
        LongPointer steps = new LongPointer(strides)) {
      DnnlStatus.require(
          dnnl.dnnl_memory_desc_create_with_strides(descriptor, rank(), dims, type, steps),
          "describe a tensor");
    }
    return descriptor;
  }
}
