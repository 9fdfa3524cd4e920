package org.ergometer.runtime.acceleration;

import java.util.Arrays;

/**
 * What a primitive is made for: a kernel, its arguments, and the types, extents and strides of its
 * tensors. Filled again for each look-up, so that nothing is allocated.
 */
final class OpSignature {

  private Object kernel;
  private long[] words;
  private int count;

  OpSignature() {
    this(new Object(), new long[64], 0);
  }

  private OpSignature(Object kernel, long[] words, int count) {
    this.kernel = kernel;
    this.words = words;
    this.count = count;
  }

  /** Starts anew, for a kernel known by its identity. */
  OpSignature of(Object newKernel) {
    kernel = newKernel;
    count = 0;
    return this;
  }

  /** All arguments and tensors of a call. */
  OpSignature with(OpCall call) {
    with(call.integerCount());
    for (int index = 0; index < call.integerCount(); index++) {
      with(call.integer(index, 0));
    }
    with(call.realCount());
    for (int index = 0; index < call.realCount(); index++) {
      with(call.real(index, 0));
    }
    with(call.inputCount());
    for (int index = 0; index < call.inputCount(); index++) {
      with(call.input(index));
    }
    for (int index = 0; index < call.outputCount(); index++) {
      with(call.output(index));
    }
    return this;
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
    return new OpSignature(kernel, Arrays.copyOf(words, count), count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OpSignature signature
        && kernel == signature.kernel
        && Arrays.equals(words, 0, count, signature.words, 0, signature.count);
  }

  @Override
  public int hashCode() {
    long hash = System.identityHashCode(kernel);
    for (int index = 0; index < count; index++) {
      hash = 31 * hash + words[index];
    }
    return Long.hashCode(hash * 0x9E3779B97F4A7C15L);
  }
}
