package org.ergometer.models.transformer;

import java.util.List;

/**
 * One trainable tensor of a layer: its name, shape and start values.
 *
 * @param name unique within the layer, without underscore, which DL4J puts between layer and name
 * @param shape one extent for gains and biases, two for matrices
 * @param constant start value where {@code deviation} is 0
 * @param deviation standard deviation of normally distributed start values around 0
 */
record Parameter(String name, List<Integer> shape, double constant, double deviation) {

  static Parameter matrix(String name, int rows, int columns, double deviation) {
    return new Parameter(name, List.of(rows, columns), 0, deviation);
  }

  static Parameter gain(String name, int width) {
    return new Parameter(name, List.of(width), 1, 0);
  }

  static Parameter bias(String name, int width) {
    return new Parameter(name, List.of(width), 0, 0);
  }

  /** Whether weight decay applies: to matrices, embeddings included, as in nanoGPT. */
  boolean decays() {
    return shape.size() == 2;
  }

  /** Number of elements. */
  long length() {
    long length = 1;
    for (int extent : shape) {
      length = Math.multiplyExact(length, (long) extent);
    }
    return length;
  }

  long[] extents() {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }
}
