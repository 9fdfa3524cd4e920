package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Holds a new primitive for batches of products against the definition, on memory of its own,
 * before it is let near anybody's: oneDNN 3.11 computes some batches with strides wrongly, such as
 * 12×2 products of 4×4, and writes beside the result while it does.
 *
 * <p>In each type, with whole numbers that it holds exactly.
 */
final class MatmulCheck {

  /** No result of the values below, exact in all types; a place that holds it was not written. */
  private static final float UNTOUCHED = 40192;

  private static final float BEFORE = 1;

  /** Stands for a result that is not computed. */
  private static final float UNKNOWN = Float.NaN;

  private static final long MOST_PRODUCTS = 20_000_000;
  private static final long MOST_ELEMENTS = 1 << 24;

  private final TensorLayout left;
  private final TensorLayout right;
  private final TensorLayout result;
  private final double alpha;
  private final double beta;

  MatmulCheck(
      TensorLayout left, TensorLayout right, TensorLayout result, double alpha, double beta) {
    this.left = left;
    this.right = right;
    this.result = result;
    this.alpha = alpha;
    this.beta = beta;
  }

  /** Whether tensors are small enough to be made twice. */
  static boolean affordable(TensorLayout... tensors) {
    return Arrays.stream(tensors).allMatch(tensor -> elements(tensor) <= MOST_ELEMENTS);
  }

  /**
   * Whether a primitive computes what it should, and writes nowhere else.
   *
   * @param swapped whether its first tensor is {@code right}
   */
  boolean passes(DnnlSession session, DnnlPrimitive primitive, boolean swapped) {
    float[] a = filled(left, 3);
    float[] b = filled(right, 7);
    float[] c = new float[span(result)];
    Arrays.fill(c, UNTOUCHED);
    each(result, (place, index) -> c[place] = BEFORE);
    try (BytePointer x = guarded(left.type, a);
        BytePointer y = guarded(right.type, b);
        BytePointer z = guarded(result.type, c)) {
      session.bind(primitive, swapped ? 1 : 0, begin(x));
      session.bind(primitive, swapped ? 0 : 1, begin(y));
      session.bind(primitive, 2, begin(z));
      boolean done = session.run(primitive);
      if (SixteenBits.is(result.type)) {
        try (FloatPointer wide = new FloatPointer(c.length)) {
          SixteenBits.widen(result.type, begin(z), 1, wide.address(), c.length);
          wide.get(c);
        }
      } else {
        new FloatPointer(z).position(c.length).get(c);
      }
      return done && agrees(a, b, c);
    }
  }

  /** Values with as much room before and after them, where a wrong stride does no harm. */
  private static BytePointer guarded(int type, float... values) {
    boolean half = SixteenBits.is(type);
    BytePointer memory = new BytePointer(3L * values.length * (half ? Short.BYTES : Float.BYTES));
    try (FloatPointer wide = new FloatPointer(values)) {
      if (half) {
        SixteenBits.narrow(type, wide.address(), begin(memory), 1, values.length);
      } else {
        new FloatPointer(memory).position(values.length).put(values);
      }
    }
    return memory;
  }

  private static long begin(BytePointer guarded) {
    return guarded.address() + guarded.capacity() / 3;
  }

  private boolean agrees(float[] a, float[] b, float[] actual) {
    float[] expected = new float[actual.length];
    Arrays.fill(expected, UNTOUCHED);
    long[] number = {0};
    each(
        result,
        (place, index) ->
            expected[place] =
                number[0]++ % interval() == 0 ? (float) element(a, b, index) : UNKNOWN);
    for (int place = 0; place < actual.length; place++) {
      if (Float.isNaN(expected[place])) {
        if (actual[place] == UNTOUCHED || Float.isNaN(actual[place])) {
          return false;
        }
        continue;
      }
      double error = Math.abs(actual[place] - expected[place]);
      if (!(error <= tolerance() * Math.max(1, Math.abs(expected[place])))) {
        return false;
      }
    }
    return true;
  }

  /** Sums of small whole numbers are exact in float32; the result may be rounded. */
  private double tolerance() {
    return SixteenBits.is(result.type) ? 0x1p-8 : 1e-6;
  }

  /** Every result is computed, or, where that would take long, one in so many. */
  private long interval() {
    long work = left.extent(-1);
    for (long extent : result.extents) {
      work *= extent;
    }
    return 1 | work / MOST_PRODUCTS;
  }

  private double element(float[] a, float[] b, long[] index) {
    int row = index.length - 2;
    int column = index.length - 1;
    long x = index[row] * left.stride(row);
    long y = index[column] * right.stride(column);
    for (int batch = 0; batch < row; batch++) {
      x += index[batch] * left.stride(batch);
      y += index[batch] * right.stride(batch);
    }
    double sum = 0;
    for (long inner = 0; inner < left.extent(column); inner++) {
      sum += a[(int) (x + inner * left.stride(column))] * b[(int) (y + inner * right.stride(row))];
    }
    return alpha * sum + beta * BEFORE;
  }

  /** Small whole numbers, zero in the mean, another at nearly every place. */
  private static float[] filled(TensorLayout layout, int factor) {
    float[] values = new float[span(layout)];
    for (int place = 0; place < values.length; place++) {
      values[place] = Math.floorMod(factor * place + place / 5, 5) - 2f;
    }
    return values;
  }

  private static int span(TensorLayout layout) {
    return Math.toIntExact(elements(layout));
  }

  /** From the first to the last, those between that are no part of it included. */
  private static long elements(TensorLayout layout) {
    long span = 1;
    for (int dimension = 0; dimension < layout.rank(); dimension++) {
      span += (layout.extent(dimension) - 1) * layout.stride(dimension);
    }
    return span;
  }

  private interface Visitor {
    void visit(int place, long[] index);
  }

  private static void each(TensorLayout layout, Visitor visitor) {
    long[] index = new long[layout.rank()];
    while (true) {
      long place = 0;
      for (int dimension = 0; dimension < index.length; dimension++) {
        place += index[dimension] * layout.stride(dimension);
      }
      visitor.visit((int) place, index);
      int dimension = index.length - 1;
      while (dimension >= 0 && ++index[dimension] == layout.extent(dimension)) {
        index[dimension--] = 0;
      }
      if (dimension < 0) {
        return;
      }
    }
  }
}
