package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;

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
    try (Sample a = new Sample(left);
        Sample b = new Sample(right);
        Sample c = new Sample(result)) {
      a.fill(3);
      b.fill(7);
      c.fillAsResult();
      session.bind(primitive, swapped ? 1 : 0, a.address());
      session.bind(primitive, swapped ? 0 : 1, b.address());
      session.bind(primitive, 2, c.address());
      boolean done = DnnlStatus.ok(session.status(primitive));
      c.readBack();
      return done && agrees(a, b, c);
    }
  }

  /** What is right is marked as untouched; then all is, or something wrote beside the result. */
  private boolean agrees(Sample a, Sample b, Sample c) {
    long interval = interval();
    long[] numberAndWrong = {0, 0};
    each(
        result,
        (place, index) -> {
          float actual = c.at(place);
          boolean right =
              numberAndWrong[0]++ % interval == 0
                  ? isNear(actual, (float) element(a, b, index))
                  : actual != UNTOUCHED && !Float.isNaN(actual);
          if (right) {
            c.set(place, UNTOUCHED);
          } else {
            numberAndWrong[1]++;
          }
        });
    return numberAndWrong[1] == 0 && c.holdsOnly(UNTOUCHED);
  }

  private boolean isNear(float actual, float expected) {
    return Math.abs(actual - expected) <= tolerance() * Math.max(1, Math.abs(expected));
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

  private double element(Sample a, Sample b, long[] index) {
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
      sum += a.at(x + inner * left.stride(column)) * b.at(y + inner * right.stride(row));
    }
    return alpha * sum + beta * BEFORE;
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
    void visit(long place, long[] index);
  }

  private static void each(TensorLayout layout, Visitor visitor) {
    long[] index = new long[layout.rank()];
    while (true) {
      long place = 0;
      for (int dimension = 0; dimension < index.length; dimension++) {
        place += index[dimension] * layout.stride(dimension);
      }
      visitor.visit(place, index);
      int dimension = index.length - 1;
      while (dimension >= 0 && ++index[dimension] == layout.extent(dimension)) {
        index[dimension--] = 0;
      }
      if (dimension < 0) {
        return;
      }
    }
  }

  /**
   * Memory of a tensor, with as much before and after it, where a wrong stride does no harm. It is
   * outside of Java's heap, which would stay as large as one check had made it.
   */
  private static final class Sample implements AutoCloseable {

    private final TensorLayout layout;
    private final long length;
    private final BytePointer guarded;

    /** The values in 32 bits: a copy for those of 16. */
    private final @Nullable FloatPointer copy;

    private final long values;

    Sample(TensorLayout layout) {
      this.layout = layout;
      boolean half = SixteenBits.is(layout.type);
      length = elements(layout);
      guarded = new BytePointer(3 * length * (half ? Short.BYTES : Float.BYTES));
      copy = half ? new FloatPointer(length) : null;
      values = copy == null ? address() : copy.address();
    }

    long address() {
      return guarded.address() + guarded.capacity() / 3;
    }

    float at(long place) {
      return HostMemory.real(values + Float.BYTES * place);
    }

    void set(long place, float value) {
      HostMemory.real(values + Float.BYTES * place, value);
    }

    /** Small whole numbers, zero in the mean, another at nearly every place. */
    void fill(int factor) {
      for (long place = 0; place < length; place++) {
        set(place, Math.floorMod(factor * place + place / 5, 5) - 2f);
      }
      write();
    }

    void fillAsResult() {
      for (long place = 0; place < length; place++) {
        set(place, UNTOUCHED);
      }
      each(layout, (place, index) -> set(place, BEFORE));
      write();
    }

    private void write() {
      if (copy != null) {
        SixteenBits.narrow(layout.type, values, address(), 1, length);
      }
    }

    void readBack() {
      if (copy != null) {
        SixteenBits.widen(layout.type, address(), 1, values, length);
      }
    }

    boolean holdsOnly(float value) {
      for (long place = 0; place < length; place++) {
        if (at(place) != value) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void close() {
      guarded.close();
      if (copy != null) {
        copy.close();
      }
    }
  }
}
