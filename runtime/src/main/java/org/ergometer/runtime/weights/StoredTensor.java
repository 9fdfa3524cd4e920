package org.ergometer.runtime.weights;

import java.util.List;

/**
 * A tensor as the header of a file describes it.
 *
 * @param type of its elements, as in the header
 * @param shape extents; none for a single number
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
record StoredTensor(String name, String type, List<Long> shape, long begin, long end) {

  StoredTensor {
    shape = List.copyOf(shape);
  }

  /** Number of elements. */
  long length() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }
}
