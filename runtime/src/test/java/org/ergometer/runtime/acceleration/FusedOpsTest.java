package org.ergometer.runtime.acceleration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.Random;
import org.ergometer.accounting.op.FusedOp;
import org.ergometer.runtime.acceleration.DirectOps.Arguments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Every accelerated op beside matrix products, against its definition in double or ND4J's own. */
class FusedOpsTest {

  private static final double TOLERANCE = 2e-5;

  private final Random random = new Random(11);
  private final DirectOps accelerated;
  private final DirectOps plain;
  private final RecordingLibrary library;

  FusedOpsTest() {
    assumeThat(OneDnn.obstacle()).as("oneDNN cannot be loaded").isNull();
    Nd4j.getBackend();
    library = new RecordingLibrary(OneDnn.library());
    accelerated = new DirectOps(new AcceleratedNativeOps(library));
    plain = new DirectOps(new Nd4jCpu());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, true",
    "1, 7, false",
    "5, 1, true",
    "13, 33, true",
    "48, 8, false",
    "3, 300, true"
  })
  void layerNorm(int rows, int columns, boolean withBias) {
    double epsilon = 1e-5;
    INDArray x = normal(rows, columns);
    INDArray gain = normal(columns);
    INDArray bias = normal(columns);
    INDArray dy = normal(rows, columns);
    INDArray y = empty(rows, columns);
    INDArray mean = empty(rows);
    INDArray variance = empty(rows);
    Arguments arguments = Arguments.of().reals(epsilon);
    run(
        FusedOp.LAYER_NORM,
        arguments,
        withBias ? List.of(x, gain, bias) : List.of(x, gain),
        List.of(y, mean, variance));
    INDArray dx = empty(rows, columns);
    INDArray dGain = empty(columns);
    INDArray dBias = empty(columns);
    run(
        FusedOp.LAYER_NORM_GRADIENT,
        arguments,
        List.of(dy, x, gain, mean, variance),
        withBias ? List.of(dx, dGain, dBias) : List.of(dx, dGain));

    double[] gains = new double[columns];
    double[] biases = new double[columns];
    for (int row = 0; row < rows; row++) {
      double m = 0;
      for (int column = 0; column < columns; column++) {
        m += x.getDouble(row, column) / columns;
      }
      double v = 0;
      for (int column = 0; column < columns; column++) {
        v += Math.pow(x.getDouble(row, column) - m, 2) / columns;
      }
      double scale = 1 / Math.sqrt(v + epsilon);
      double meanOfG = 0;
      double meanOfProduct = 0;
      for (int column = 0; column < columns; column++) {
        double standard = (x.getDouble(row, column) - m) * scale;
        double g = dy.getDouble(row, column) * gain.getDouble(column);
        meanOfG += g / columns;
        meanOfProduct += g * standard / columns;
        gains[column] += dy.getDouble(row, column) * standard;
        biases[column] += dy.getDouble(row, column);
        close(
            y.getDouble(row, column),
            standard * gain.getDouble(column) + (withBias ? bias.getDouble(column) : 0));
      }
      close(mean.getDouble(row), m);
      close(variance.getDouble(row), v);
      for (int column = 0; column < columns; column++) {
        double standard = (x.getDouble(row, column) - m) * scale;
        double g = dy.getDouble(row, column) * gain.getDouble(column);
        // with one column the variance is 0, and 1/sqrt(ε) magnifies rounding
        assertThat(dx.getDouble(row, column))
            .isCloseTo(
                (g - meanOfG - standard * meanOfProduct) * scale, within(TOLERANCE * (1 + scale)));
      }
    }
    for (int column = 0; column < columns; column++) {
      close(dGain.getDouble(column), gains[column]);
      if (withBias) {
        close(dBias.getDouble(column), biases[column]);
      }
    }
  }

  /** Heads of queries among those of keys and values, and turned back again. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 2", "2, 3, 2, 8", "3, 5, 1, 6"})
  void rotation(int batch, int time, int count, int channels) {
    int width = count * channels;
    INDArray all = normal((long) batch * time, 2L * width + 3);
    INDArray view = all.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 2 + width));
    INDArray heads = view.reshape('c', batch, time, count, channels);
    INDArray before = all.dup();
    INDArray x = heads.dup('c');
    INDArray angles = normal(time, 1, channels / 2);
    INDArray both = Nd4j.concat(2, angles, angles);
    List<INDArray> inputs = List.of(heads, Transforms.cos(both), Transforms.sin(both));
    run(FusedOp.ROTATION, Arguments.of(1), inputs, List.of(heads));

    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < time; t++) {
        for (int h = 0; h < count; h++) {
          for (int i = 0; i < channels / 2; i++) {
            double angle = angles.getDouble(t, 0, i);
            double first = x.getDouble(b, t, h, i);
            double second = x.getDouble(b, t, h, i + channels / 2);
            close(heads.getDouble(b, t, h, i), first * Math.cos(angle) - second * Math.sin(angle));
            close(
                heads.getDouble(b, t, h, i + channels / 2),
                second * Math.cos(angle) + first * Math.sin(angle));
          }
        }
      }
    }
    run(FusedOp.ROTATION, Arguments.of(-1), inputs, List.of(heads));
    MatmulTest.assertClose(all, before, 1e-6, "turned back");
  }

  @Test
  void silu() {
    float[] values = {-1e4f, -90, -20, -5, -1, -1e-20f, 0, 1e-20f, 0.5f, 1, 5, 20, 90, 1e4f};
    INDArray x = Nd4j.createFromArray(values);
    INDArray y = empty(values.length);
    INDArray dx = normal(values.length);
    INDArray dy = dx.dup();
    run(FusedOp.SILU, Arguments.of(), List.of(x), List.of(y));
    run(FusedOp.SILU_GRADIENT, Arguments.of(), List.of(x, dx), List.of(dx));
    for (int i = 0; i < values.length; i++) {
      double sigmoid = 1 / (1 + Math.exp(-values[i]));
      close(y.getDouble(i), values[i] * sigmoid);
      close(dx.getDouble(i), dy.getDouble(i) * sigmoid * (1 + values[i] * (1 - sigmoid)));
    }
  }

  /** From far below to far above 0, where the exponential has no number any more. */
  @Test
  void gelu() {
    float[] values = {-1e4f, -90, -20, -5, -1, -0.5f, -1e-20f, 0, 1e-20f, 0.5f, 1, 5, 20, 90, 1e4f};
    INDArray x = Nd4j.createFromArray(values);
    INDArray y = empty(values.length);
    INDArray dx = normal(values.length);
    INDArray dy = dx.dup();
    run(FusedOp.GELU, Arguments.of(), List.of(x), List.of(y));
    run(FusedOp.GELU_GRADIENT, Arguments.of(), List.of(x, dx), List.of(dx));

    double c = Math.sqrt(2 / Math.PI);
    for (int i = 0; i < values.length; i++) {
      double v = values[i];
      double tanh = Math.tanh(c * (v + 0.044715 * v * v * v));
      close(y.getDouble(i), v / 2 * (1 + tanh));
      double slope = (1 + tanh) / 2 + v / 2 * (1 - tanh * tanh) * c * (1 + 3 * 0.044715 * v * v);
      close(dx.getDouble(i), dy.getDouble(i) * slope);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "6, 4, 4", "24, 5, 5", "3, 2, 7", "2, 65, 65"})
  void causalSoftmax(int matrices, int queries, int keys) {
    double scale = 0.25;
    INDArray x = normal(matrices, queries, keys);
    INDArray y = x.dup('c');
    run(FusedOp.CAUSAL_SOFTMAX, Arguments.of().reals(scale), List.of(y), List.of(y));
    INDArray dy = normal(matrices, queries, keys);
    INDArray dx = dy.dup('c');
    run(FusedOp.SOFTMAX_GRADIENT, Arguments.of(), List.of(y, dx), List.of(dx));

    for (int matrix = 0; matrix < matrices; matrix++) {
      for (int query = 0; query < queries; query++) {
        int seen = keys - queries + query + 1;
        double sum = 0;
        double dot = 0;
        for (int key = 0; key < seen; key++) {
          sum += Math.exp(scale * x.getDouble(matrix, query, key));
        }
        for (int key = 0; key < keys; key++) {
          double p = key < seen ? Math.exp(scale * x.getDouble(matrix, query, key)) / sum : 0;
          close(y.getDouble(matrix, query, key), p);
          dot += p * dy.getDouble(matrix, query, key);
        }
        for (int key = 0; key < keys; key++) {
          double p = y.getDouble(matrix, query, key);
          close(dx.getDouble(matrix, query, key), p * (dy.getDouble(matrix, query, key) - dot));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 77", "48, 16", "2, 1000"})
  void crossEntropy(int rows, int vocabulary) {
    INDArray logits = normal(rows, vocabulary).mul(10);
    int[] target = random.ints(rows, 0, vocabulary).toArray();
    INDArray targets = Nd4j.createFromArray(target);
    INDArray logs = empty(rows, vocabulary);
    INDArray losses = empty(rows);
    run(FusedOp.CROSS_ENTROPY, Arguments.of(), List.of(logits, targets), List.of(logs, losses));
    INDArray gradient = empty(rows, vocabulary);
    INDArray again = empty(rows);
    run(
        FusedOp.CROSS_ENTROPY_GRADIENT,
        Arguments.of(),
        List.of(logits, targets),
        List.of(gradient, again));

    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int token = 0; token < vocabulary; token++) {
        sum += Math.exp(logits.getDouble(row, token));
      }
      for (int token = 0; token < vocabulary; token++) {
        double log = logits.getDouble(row, token) - Math.log(sum);
        close(logs.getDouble(row, token), log);
        close(
            gradient.getDouble(row, token),
            (Math.exp(log) - (token == target[row] ? 1 : 0)) / rows);
      }
      double loss = Math.log(sum) - logits.getDouble(row, target[row]);
      close(losses.getDouble(row), loss);
      close(again.getDouble(row), loss);
    }
  }

  /** Where the probability is no float any more, its logarithm still is. */
  @Test
  void crossEntropyOfAnImpossibleTarget() {
    INDArray logits = Nd4j.createFromArray(200f, 0f, -50f).reshape(1, 3);
    INDArray losses = empty(1);
    INDArray gradient = empty(1, 3);
    run(
        FusedOp.CROSS_ENTROPY_GRADIENT,
        Arguments.of(),
        List.of(logits, Nd4j.createFromArray(new int[] {2})),
        List.of(gradient, losses));
    close(losses.getDouble(0), 250);
    assertThat(gradient.toFloatMatrix()[0]).containsExactly(1, 0, -1);
  }

  /** Several pieces, ranges that decay and begin and end anywhere, clipped and not. */
  @ParameterizedTest
  @CsvSource({"1, 1", "7, 0.3", "1000, 1", "65536, 0.3", "200001, 0.01"})
  void adamW(int length, double scale) {
    double rate = 1e-2;
    double beta1 = 0.9;
    double beta2 = 0.99;
    double epsilon = 1e-8;
    double keep = 0.97;
    INDArray gradient = normal(length);
    INDArray m = normal(length);
    INDArray v = normal(length);
    v.muli(v);
    INDArray p = normal(length);
    long[] bounds = {length / 7, length / 3, length / 2, length};
    double[] first = m.dup().data().asDouble();
    double[] second = v.dup().data().asDouble();
    double[] parameters = p.dup().data().asDouble();
    run(
        FusedOp.ADAMW,
        Arguments.of(bounds).reals(scale, rate, beta1, beta2, epsilon, keep),
        List.of(gradient, m, v, p),
        List.of(m, v, p));

    for (int i = 0; i < length; i++) {
      double c = scale * gradient.getDouble(i);
      double newM = beta1 * first[i] + (1 - beta1) * c;
      double newV = beta2 * second[i] + (1 - beta2) * c * c;
      boolean decays = (i >= bounds[0] && i < bounds[1]) || i >= bounds[2];
      close(m.getDouble(i), newM);
      close(v.getDouble(i), newV);
      close(
          p.getDouble(i),
          (decays ? keep : 1) * parameters[i] - rate * newM / (Math.sqrt(newV) + epsilon));
    }
  }

  @Test
  void adamWLeavesParametersThatNeverHadAGradient() {
    INDArray zero = Nd4j.zeros(DataType.FLOAT, 5);
    INDArray m = zero.dup();
    INDArray v = zero.dup();
    INDArray p = normal(5);
    INDArray before = p.dup();
    run(
        FusedOp.ADAMW,
        Arguments.of().reals(1, 1e-3, 0.9, 0.99, 1e-8, 1),
        List.of(zero, m, v, p),
        List.of(m, v, p));
    assertThat(p).isEqualTo(before);
  }

  /** Whole pieces and a rest; infinities, and what is no number. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16384, 16385, 100000})
  void norm(int length) {
    INDArray x = normal(length);
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.pow(x.getDouble(i), 2);
    }
    close(norm(x), Math.sqrt(sum));
    x.putScalar(length - 1, Double.NEGATIVE_INFINITY);
    assertThat(norm(x)).isEqualTo(Double.POSITIVE_INFINITY);
    x.putScalar(length / 2, Double.NaN);
    assertThat(norm(x)).isNaN();
    assertThat(library.served).isEqualTo(3);
  }

  private double norm(INDArray x) {
    INDArray z = empty(1);
    accelerated.execute("reduce_norm2", Arguments.of(0).reals(1), List.of(x), List.of(z));
    return z.getDouble(0);
  }

  @Test
  void aTargetOutsideTheVocabularyIsTold() {
    INDArray logits = normal(2, 3);
    assertThatThrownBy(
            () ->
                run(
                    FusedOp.CROSS_ENTROPY,
                    Arguments.of(),
                    List.of(logits, Nd4j.createFromArray(0, 3)),
                    List.of(empty(2, 3), empty(2))))
        .hasMessageContaining("below the vocabulary of 3, got 3 in row 1");
  }

  /** Same extents and broadcast, all layouts, with infinities and what is no number. */
  @ParameterizedTest
  @ValueSource(strings = {"add", "subtract", "multiply", "divide"})
  void elementByElement(String op) {
    RandomArrays arrays = new RandomArrays(op.hashCode());
    for (int number = 0; number < 60; number++) {
      long rows = arrays.between(1, 20);
      long columns = arrays.between(1, 20);
      INDArray x = arrays.exceptional(DataType.FLOAT, rows, columns);
      INDArray y =
          switch (number % 3) {
            case 0 -> arrays.exceptional(DataType.FLOAT, rows, columns);
            case 1 -> arrays.array(DataType.FLOAT, 1, columns);
            default -> Nd4j.createFromArray(random.nextFloat()).reshape(1, 1);
          };
      INDArray z = empty(rows, columns);
      INDArray expected = empty(rows, columns);
      accelerated.execute(op, Arguments.of(), List.of(x, y), List.of(z));
      plain.execute(op, Arguments.of(), List.of(x, y), List.of(expected));
      MatmulTest.assertClose(z, expected, 1e-6, op + " " + number);
    }
    assertThat(library.served).isPositive();
  }

  /** Rows in any layout, dense ones served; the same index again and again among them. */
  @Test
  void rowsByIndex() {
    RandomArrays arrays = new RandomArrays(23);
    for (int number = 0; number < 60; number++) {
      int count = arrays.between(1, 9);
      int columns = arrays.between(1, 20);
      int[] rows = arrays.random().ints(arrays.between(1, 30), 0, count).toArray();
      INDArray indices = Nd4j.createFromArray(rows);
      INDArray table = arrays.exceptional(DataType.FLOAT, count, columns);
      INDArray z = empty(rows.length, columns);
      INDArray expected = empty(rows.length, columns);
      Arguments axis = Arguments.of(0);
      accelerated.execute("gather", axis, List.of(table, indices), List.of(z));
      plain.execute("gather", axis, List.of(table, indices), List.of(expected));
      MatmulTest.assertClose(z, expected, 0, "gather " + number);

      INDArray sums = number % 2 == 0 ? table.dup('c') : table;
      INDArray expectedSums = sums.dup('c');
      INDArray added = arrays.exceptional(DataType.FLOAT, rows.length, columns);
      added = number % 2 == 0 ? added.dup('c') : added;
      List<INDArray> plainInputs = List.of(expectedSums, indices, added);
      plain.execute("scatter_add", Arguments.of(), plainInputs, List.of(expectedSums));
      accelerated.execute(
          "scatter_add", Arguments.of(), List.of(sums, indices, added), List.of(sums));
      MatmulTest.assertClose(sums.dup('c'), expectedSums, 1e-6, "scatter_add " + number);
    }
    assertThat(library.served).isGreaterThan(60);
  }

  /** Dense arrays; of others the rows are left to ND4J. */
  @ParameterizedTest
  @ValueSource(strings = {"softmax", "log_softmax"})
  void softmax(String op) {
    RandomArrays arrays = new RandomArrays(op.hashCode());
    for (int number = 0; number < 60; number++) {
      INDArray x =
          arrays.array(DataType.FLOAT, arrays.between(1, 9), arrays.between(1, 40)).dup('c');
      INDArray z = empty(x.shape());
      INDArray expected = empty(x.shape());
      accelerated.execute(op, Arguments.of(), List.of(x), List.of(z));
      plain.execute(op, Arguments.of(), List.of(x), List.of(expected));
      MatmulTest.assertClose(z, expected, 1e-5, op + " " + number);
    }
    assertThat(library.served).isPositive();
  }

  private void run(FusedOp op, Arguments arguments, List<INDArray> inputs, List<INDArray> outputs) {
    accelerated.execute(op.label(), arguments, inputs, outputs);
  }

  private INDArray normal(long... extents) {
    long length = 1;
    for (long extent : extents) {
      length *= extent;
    }
    float[] values = new float[(int) length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', extents);
  }

  private static INDArray empty(long... extents) {
    return Nd4j.valueArrayOf(extents, Float.NaN, DataType.FLOAT);
  }

  private static void close(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
  }
}
