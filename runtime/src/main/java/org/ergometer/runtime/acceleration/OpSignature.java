package org.ergometer.runtime.acceleration;

import java.util.Arrays;

/**
 * What a primitive is made for: a kernel, its arguments, and the types, extents and strides of its
 * tensors. Filled again for each look-up, so that nothing is allocated.
 */
final class OpSignature {

  private long[] words;
  private int count;

  OpSignature() {
    this(new long[64], 0);
  }

  private OpSignature(long[] words, int count) {
    this.words = words;
    this.count = count;
  }

  /** Starts anew. */
  OpSignature of(int kernel) {
    count = 0;
    return with(kernel);
  }

  OpSignature with(long word) {
    if (count == words.length) {
      words = Arrays.copyOf(words, 2 * count);
    }
    words[count++] = word;
    return this;
  }

  OpSignature with(double value) {
    return with(Double.doubleToRawLongBits(value));
  }

  OpSignature with(TensorRef tensor) {
    with(tensor.flags());
    with(tensor.rank());
    for (int dimension = 0; dimension < tensor.rank(); dimension++) {
      with(tensor.extent(dimension));
      with(tensor.stride(dimension));
    }
    return this;
  }

  /** A copy to keep. */
  OpSignature copy() {
    return new OpSignature(Arrays.copyOf(words, count), count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpSignature signature
        && Arrays.equals(words, 0, count, signature.words, 0, signature.count);
  }

  @Override
  public int hashCode() {
    long hash = count;
    for (int index = 0; index < count; index++) {
      hash = 31 * hash + words[index];
    }
    return Long.hashCode(hash * 0x9E3779B97F4A7C15L);
  }
}
