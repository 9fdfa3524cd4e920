package org.ergometer.runtime.weights;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which part of which parameter a tensor is.
 *
 * @param tensor its name, prefix included
 * @param shape its extents, one or two
 * @param layer of the model
 * @param parameter of that layer; null where the model has none, and the tensor is zero
 * @param firstColumn of the parameter from where on it belongs; of a vector, the first element
 * @param transposed whether its rows are the parameter's columns
 */
record TensorPlace(
    String tensor,
    List<Long> shape,
    String layer,
    @Nullable String parameter,
    long firstColumn,
    boolean transposed) {

  TensorPlace {
    shape = List.copyOf(shape);
  }

  /** A whole parameter as it is. */
  static TensorPlace whole(String tensor, String layer, String parameter, long... shape) {
    return new TensorPlace(tensor, extents(shape), layer, parameter, 0, false);
  }

  /** A whole parameter, or zeros where the model has no such one. */
  static TensorPlace optional(
      boolean present, String tensor, String layer, String parameter, long... shape) {
    return new TensorPlace(tensor, extents(shape), layer, present ? parameter : null, 0, false);
  }

  /** Neighbouring columns of a parameter, as rows. */
  static TensorPlace columns(
      String tensor, String layer, String parameter, long first, long outputs, long inputs) {
    return new TensorPlace(tensor, List.of(outputs, inputs), layer, parameter, first, true);
  }

  /** Neighbouring elements of a vector. */
  static TensorPlace elements(
      String tensor, String layer, String parameter, long first, long count) {
    return new TensorPlace(tensor, List.of(count), layer, parameter, first, false);
  }

  /** Elements of a row; of a vector, whose elements count as rows, 1. */
  long rowLength() {
    return shape.size() == 1 ? 1 : shape.get(1);
  }

  private static List<Long> extents(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }
}
