package org.ergometer.runtime.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Times the float32 products of a model's linear maps, each alone, as its step executes them. */
public final class ProductBenchmark {

  private static final int REPEATS = 15;
  private static final int WARM_UP = 3;

  private ProductBenchmark() {}

  /**
   * One product: [m, k] by [k, n].
   *
   * @param seconds median of one
   * @param bestSeconds the fastest one
   */
  public record Product(String name, long m, long k, long n, double seconds, double bestSeconds) {

    /** 2·m·k·n. */
    public double flops() {
      return 2.0 * m * k * n;
    }

    /** Both factors and the result, in float32. */
    public double bytes() {
      return Float.BYTES * ((double) m * k + (double) k * n + (double) m * n);
    }
  }

  /** The forward products of a step with so many rows, B·T. */
  public static List<Product> measure(TransformerShape shape, long rows) {
    long width = shape.width();
    long keysAndValues = 2L * shape.keyValueHeads() * shape.headDim();
    List<Product> products = new ArrayList<>();
    products.add(time("qkv", rows, width, shape.attentionWidth() + keysAndValues));
    products.add(time("projection", rows, shape.attentionWidth(), width));
    products.add(time("up", rows, width, shape.feedForward()));
    products.add(time("down", rows, shape.feedForward(), width));
    products.add(time("head", rows, width, shape.vocabulary()));
    return products;
  }

  private static Product time(String name, long m, long k, long n) {
    try (INDArray left = Nd4j.valueArrayOf(new long[] {m, k}, 0.5, DataType.FLOAT);
        INDArray right = Nd4j.valueArrayOf(new long[] {k, n}, 0.5, DataType.FLOAT);
        INDArray result = Nd4j.createUninitialized(DataType.FLOAT, m, n)) {
      CustomOp matmul =
          DynamicCustomOp.builder("matmul").addInputs(left, right).addOutputs(result).build();
      double[] seconds = new double[REPEATS];
      for (int repeat = -WARM_UP; repeat < REPEATS; repeat++) {
        long start = System.nanoTime();
        Nd4j.exec(matmul);
        Nd4j.getExecutioner().commit();
        if (repeat >= 0) {
          seconds[repeat] = (System.nanoTime() - start) * 1e-9;
        }
      }
      double best = Arrays.stream(seconds).min().orElseThrow();
      return new Product(name, m, k, n, Quartiles.of(seconds).median(), best);
    }
  }
}
