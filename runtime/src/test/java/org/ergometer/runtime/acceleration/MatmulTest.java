package org.ergometer.runtime.acceleration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.util.Arrays;
import java.util.List;
import org.ergometer.runtime.acceleration.DirectOps.Arguments;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import org.nd4j.linalg.factory.Nd4j;

/** Holds the accelerated matrix product against ND4J's own, on arrays of every kind. */
class MatmulTest {

  private static final int CASES = 400;

  private RecordingLibrary library;
  private DirectOps accelerated;
  private DirectOps plain;

  @BeforeEach
  void setUp() {
    assumeThat(OneDnn.obstacle()).as("oneDNN cannot be loaded").isNull();
    Nd4j.getBackend();
    library = new RecordingLibrary(OneDnn.library());
    accelerated = new DirectOps(new AcceleratedNativeOps(library));
    plain = new DirectOps(new Nd4jCpu());
  }

  @Test
  void equalsNd4jOnRandomShapesStridesOrdersAndViews() {
    RandomArrays arrays = new RandomArrays(1);
    for (int number = 0; number < CASES; number++) {
      compare(arrays, DataType.FLOAT, DataType.FLOAT, false, 1e-5, number);
    }
    // Views with steps in both dimensions are ND4J's.
    assertThat(library.served).isGreaterThan(CASES / 2);
  }

  /**
   * Heads of few tokens: oneDNN 3.11 computes some of these batches wrongly, and ND4J gets them.
   */
  @ParameterizedTest
  @CsvSource({"12, 2, 4, 4", "24, 3, 8, 2", "48, 2, 16, 8", "12, 4, 64, 32", "5, 2, 1, 4"})
  void equalsNd4jOnTheHeadsOfAttention(int batch, int heads, int time, int width) {
    INDArray query = Nd4j.rand(DataType.FLOAT, batch, time, heads, width).permute(0, 2, 1, 3);
    INDArray key = Nd4j.rand(DataType.FLOAT, batch, time, heads, width).permute(0, 2, 1, 3);
    INDArray scores = Nd4j.zeros(DataType.FLOAT, batch, heads, time, time);
    INDArray expected = scores.dup('c');
    plain.execute("matmul", Arguments.of(0, 1, 0), List.of(query, key), List.of(expected));
    accelerated.execute("matmul", Arguments.of(0, 1, 0), List.of(query, key), List.of(scores));
    assertClose(scores, expected, 1e-4, "scores");

    INDArray mixed = Nd4j.zeros(DataType.FLOAT, batch, time, heads, width).permute(0, 2, 1, 3);
    INDArray wanted = Nd4j.zeros(DataType.FLOAT, batch, time, heads, width).permute(0, 2, 1, 3);
    plain.execute("matmul", Arguments.of(1, 0, 0), List.of(scores, key), List.of(wanted));
    accelerated.execute("matmul", Arguments.of(1, 0, 0), List.of(scores, key), List.of(mixed));
    assertClose(mixed.dup('c'), wanted.dup('c'), 1e-3, "sums");
  }

  /** No batch is trusted for its size: one that is too large for a check is computed in slices. */
  @ParameterizedTest
  @CsvSource({"12, 2", "3, 4"})
  void equalsNd4jOnBatchesThatSpanMuch(int batch, int heads) {
    int time = 4;
    int width = 4;
    long apart = (1L << 24) / ((long) batch * heads * width) + time;
    INDArray all = Nd4j.zeros(DataType.FLOAT, batch, heads, apart, width);
    INDArray query = all.get(all(), all(), interval(0, time), all());
    INDArray key = Nd4j.rand(DataType.FLOAT, batch, time, heads, width).permute(0, 2, 1, 3);
    query.assign(Nd4j.rand(DataType.FLOAT, query.shape()));
    INDArray scores = Nd4j.zeros(DataType.FLOAT, batch, heads, time, time);
    INDArray expected = scores.dup('c');

    plain.execute("matmul", Arguments.of(0, 1, 0), List.of(query, key), List.of(expected));
    accelerated.execute("matmul", Arguments.of(0, 1, 0), List.of(query, key), List.of(scores));

    assertThat(library.served).isEqualTo(1);
    assertClose(scores, expected, 1e-4, "scores");
  }

  @Test
  void equalsNd4jOnInfinitiesAndNotNumbers() {
    RandomArrays arrays = new RandomArrays(2);
    for (int number = 0; number < CASES / 4; number++) {
      compare(arrays, DataType.FLOAT, DataType.FLOAT, true, 1e-5, number);
    }
    assertThat(library.served).isGreaterThan(CASES / 8);
  }

  @Test
  void multipliesSixteenBitTypes() {
    RandomArrays arrays = new RandomArrays(3);
    for (int number = 0; number < CASES / 4; number++) {
      compare(arrays, DataType.FLOAT16, DataType.FLOAT16, false, 1e-2, number);
      compare(arrays, DataType.BFLOAT16, DataType.BFLOAT16, false, 5e-2, number);
    }
  }

  /**
   * ND4J multiplies no such matrices on the CPU; mixed precision wants it. oneDNN has kernels for
   * float16 only where the processor computes in it.
   */
  @Test
  void addsUpProductsOfSixteenBitsInFloat32() {
    RandomArrays arrays = new RandomArrays(4);
    for (DataType type : List.of(DataType.BFLOAT16, DataType.FLOAT16)) {
      INDArray x = arrays.array(type, 17, 33);
      INDArray y = arrays.array(type, 33, 9);
      INDArray z = Nd4j.createUninitialized(DataType.FLOAT, 17, 9);
      INDArray expected = Nd4j.createUninitialized(DataType.FLOAT, 17, 9);
      List<INDArray> casts = List.of(x.castTo(DataType.FLOAT), y.castTo(DataType.FLOAT));
      plain.execute("matmul", Arguments.of(0, 0, 0), casts, List.of(expected));
      try {
        accelerated.execute("matmul", Arguments.of(0, 0, 0), List.of(x, y), List.of(z));
        assertClose(z, expected, 1e-5, type.name());
      } catch (IllegalStateException refusedByNd4j) {
        assertThat(library.refused).as(type.name()).isEqualTo(1);
        assertThat(type).isEqualTo(DataType.FLOAT16);
      }
    }
  }

  /** Views of heads, transposed or not, into dense and into strided sums. */
  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, 3, 2, 16, 8",
    "HALF, 3, 2, 16, 8",
    "BFLOAT16, 1, 4, 5, 3",
    "HALF, 1, 4, 5, 3"
  })
  void addsUpProductsOfHeadsInFloat32(DataType type, int batch, int heads, int time, int width) {
    INDArray query = headsOf(Nd4j.rand(DataType.FLOAT, batch, time, heads, width).castTo(type));
    INDArray key = headsOf(Nd4j.rand(DataType.FLOAT, batch, time, heads, width).castTo(type));
    INDArray scores = Nd4j.zeros(DataType.FLOAT, batch, heads, time, time);
    INDArray expected = scores.dup('c');
    List<INDArray> casts = List.of(query.castTo(DataType.FLOAT), key.castTo(DataType.FLOAT));
    plain.execute("matmul", Arguments.of(0, 1, 0), casts, List.of(expected));
    accelerated.execute("matmul", Arguments.of(0, 1, 0), List.of(query, key), List.of(scores));
    assertClose(scores, expected, 1e-5, "scores");

    INDArray weights = scores.castTo(type);
    INDArray sums = headsOf(Nd4j.zeros(DataType.FLOAT, batch, time, heads, width));
    INDArray wanted = headsOf(Nd4j.zeros(DataType.FLOAT, batch, time, heads, width));
    casts = List.of(weights.castTo(DataType.FLOAT), key.castTo(DataType.FLOAT));
    plain.execute("matmul", Arguments.of(1, 0, 0), casts, List.of(wanted));
    accelerated.execute("matmul", Arguments.of(1, 0, 0), List.of(weights, key), List.of(sums));
    assertClose(sums.dup('c'), wanted.dup('c'), 1e-4, "sums");
  }

  private static INDArray headsOf(INDArray x) {
    return x.permute(0, 2, 1, 3);
  }

  @Test
  void leavesDoublesAndEmptyArraysToNd4j() {
    RandomArrays arrays = new RandomArrays(4);
    compare(arrays, DataType.DOUBLE, DataType.DOUBLE, false, 1e-12, 0);
    assertThat(library.served).isZero();
  }

  @Test
  void aProductOfOneElementIsServed() {
    INDArray one = Nd4j.createFromArray(3f).reshape(1, 1);
    INDArray other = Nd4j.createFromArray(5f).reshape(1, 1);
    INDArray result = Nd4j.createFromArray(0f).reshape(1, 1);
    accelerated.execute("matmul", Arguments.of(0, 0, 0), List.of(one, other), List.of(result));
    assertThat(result.getFloat(0)).isEqualTo(15f);
  }

  /** One random product by both; memory around the result must stay as it is. */
  private void compare(
      RandomArrays arrays,
      DataType type,
      DataType resultType,
      boolean exceptional,
      double tolerance,
      int number) {
    int rank = arrays.between(2, 4);
    boolean transposeX = arrays.random().nextBoolean();
    boolean transposeY = arrays.random().nextBoolean();
    int m = arrays.between(1, 40);
    int k = arrays.between(1, 40);
    int n = arrays.between(1, 40);
    long[] batch = new long[rank - 2];
    Arrays.setAll(batch, dimension -> arrays.between(1, 3));
    long[] extentsX = extents(batch, transposeX ? k : m, transposeX ? m : k);
    long[] extentsY = extents(batch, transposeY ? n : k, transposeY ? k : n);
    INDArray x = exceptional ? arrays.exceptional(type, extentsX) : arrays.array(type, extentsX);
    INDArray y = arrays.array(type, extentsY);
    INDArray z = arrays.array(resultType, extents(batch, m, n));
    INDArray expected = copyOfMemory(z);
    Arguments arguments = Arguments.of(transposeX ? 1 : 0, transposeY ? 1 : 0, 0);
    if (number % 3 == 0) {
      arguments = arguments.reals(0.5, number % 2 == 0 ? 0 : 1.5);
    }
    plain.execute("matmul", arguments, List.of(x, y), List.of(expected));
    accelerated.execute("matmul", arguments, List.of(x, y), List.of(z));
    String what =
        "case %s: %s · %s → %s, %s".formatted(number, layout(x), layout(y), layout(z), arguments);
    assertClose(z.dup('c'), expected.dup('c'), tolerance * (k + 1), what);
  }

  private static String layout(INDArray array) {
    return Arrays.toString(array.shape()) + "/" + Arrays.toString(array.stride());
  }

  private static long[] extents(long[] batch, long rows, long columns) {
    long[] extents = Arrays.copyOf(batch, batch.length + 2);
    extents[batch.length] = rows;
    extents[batch.length + 1] = columns;
    return extents;
  }

  /** An array of the same values with the same strides. */
  private static INDArray copyOfMemory(INDArray array) {
    return array.dup(array.ordering());
  }

  static void assertClose(INDArray actual, INDArray expected, double tolerance, String what) {
    double[] got = actual.castTo(DataType.DOUBLE).data().asDouble();
    double[] wanted = expected.castTo(DataType.DOUBLE).data().asDouble();
    assertThat(got).hasSameSizeAs(wanted);
    for (int index = 0; index < got.length; index++) {
      boolean same =
          Double.compare(got[index], wanted[index]) == 0
              || Math.abs(got[index] - wanted[index])
                  <= tolerance * Math.max(1, Math.abs(wanted[index]));
      assertThat(same)
          .as("%s, element %d: %s instead of %s", what, index, got[index], wanted[index])
          .isTrue();
    }
  }
}
