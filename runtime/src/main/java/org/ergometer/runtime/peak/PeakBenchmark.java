package org.ergometer.runtime.peak;

import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.MatrixType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures the FLOP/s of n×n by n×n matrix products, the best of many: n grows until one product
 * takes long enough to be timed, then it is repeated. Takes about half a second.
 *
 * <p>What other processes take from the machine makes the figure lower, never higher.
 */
public final class PeakBenchmark {

  private static final int FIRST_SIZE = 128;
  private static final int LAST_SIZE = 8192;
  private static final long LONG_ENOUGH_NANOS = 8_000_000;
  private static final long BUDGET_NANOS = 400_000_000;
  private static final int FEWEST_REPEATS = 3;
  private static final double NANOS_PER_SECOND = 1e9;

  private final IntFunction<Product> products;
  private final LongSupplier nanoTime;

  /** A product of two n×n matrices that can be run again and again. */
  interface Product extends AutoCloseable {

    /** Multiplies, and returns when the result is there. */
    void run();

    @Override
    void close();
  }

  PeakBenchmark(IntFunction<Product> products, LongSupplier nanoTime) {
    this.products = products;
    this.nanoTime = nanoTime;
  }

  /**
   * The FLOP/s that ND4J's backend reaches in a type.
   *
   * @throws IllegalArgumentException if ND4J has no such type
   */
  public static double measure(MatrixType type) {
    DataType dataType = dataType(type);
    return new PeakBenchmark(size -> new Nd4jProduct(dataType, size), System::nanoTime).run();
  }

  double run() {
    long start = nanoTime.getAsLong();
    double best = 0;
    for (int size = FIRST_SIZE; ; size *= 2) {
      try (Product product = products.apply(size)) {
        product.run(); // the first one loads and prepares kernels
        long nanos = time(product);
        best = Math.max(best, rate(size, nanos));
        if (nanos >= LONG_ENOUGH_NANOS || size == LAST_SIZE) {
          return Math.max(best, bestOfMany(product, size, start));
        }
      }
    }
  }

  private double bestOfMany(Product product, int size, long start) {
    double best = 0;
    for (int repeat = 0;
        repeat < FEWEST_REPEATS || nanoTime.getAsLong() - start < BUDGET_NANOS;
        repeat++) {
      best = Math.max(best, rate(size, time(product)));
    }
    return best;
  }

  private long time(Product product) {
    long before = nanoTime.getAsLong();
    product.run();
    return nanoTime.getAsLong() - before;
  }

  /** A product of n×n matrices is 2·n³ FLOPs. */
  private static double rate(int size, long nanos) {
    return 2.0 * size * size * size * NANOS_PER_SECOND / Math.max(1, nanos);
  }

  private static DataType dataType(MatrixType type) {
    return switch (type) {
      case FLOAT64 -> DataType.DOUBLE;
      case FLOAT32 -> DataType.FLOAT;
      case FLOAT16 -> DataType.FLOAT16;
      case BFLOAT16 -> DataType.BFLOAT16;
      case TF32, FLOAT8 ->
          throw new InvalidInputException(
              "ND4J multiplies no matrices in %s; measure another type".formatted(type.label()));
    };
  }

  /** Arrays of one constant: the generator that training draws from stays as it is. */
  private static final class Nd4jProduct implements Product {

    private static final double ANY_VALUE = 0.5;

    private final INDArray left;
    private final INDArray right;
    private final INDArray result;
    private final CustomOp matmul;

    Nd4jProduct(DataType type, int size) {
      left = Nd4j.valueArrayOf(new long[] {size, size}, ANY_VALUE, type);
      right = Nd4j.valueArrayOf(new long[] {size, size}, ANY_VALUE, type);
      result = Nd4j.createUninitialized(type, size, size);
      matmul = DynamicCustomOp.builder("matmul").addInputs(left, right).addOutputs(result).build();
    }

    @Override
    public void run() {
      Nd4j.exec(matmul);
      Nd4j.getExecutioner().commit();
    }

    @Override
    public void close() {
      left.close();
      right.close();
      result.close();
    }
  }
}
