package org.ergometer.accounting.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.stream.Stream;
import org.ergometer.accounting.flops.FlopRegistry;
import org.ergometer.accounting.flops.OpRule;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/** One matrix product is one count, whichever way Java takes to it. */
class MatrixProductPathsTest {

  private static final int M = 3;
  private static final int K = 5;
  private static final int N = 7;

  /** The rules of BLAS that these paths can meet, beside the standard ones. */
  private static final FlopRegistry RULES =
      FlopRegistry.standard()
          .with(
              OpRule.of(
                  OpFamily.BLAS, "dot", OpClass.MATMUL, op -> 2 * op.input(0).length(), "test"))
          .with(
              OpRule.of(
                  OpFamily.BLAS, "gemv", OpClass.MATMUL, op -> 2 * op.input(0).length(), "test"));

  static Stream<Arguments> paths() {
    INDArray a = Nd4j.rand(DataType.FLOAT, M, K);
    INDArray b = Nd4j.rand(DataType.FLOAT, K, N);
    INDArray bt = b.transpose().dup('c');
    INDArray c = Nd4j.create(DataType.FLOAT, M, N);
    INDArray f = Nd4j.createUninitialized(DataType.FLOAT, new long[] {M, N}, 'f');
    return Stream.of(
        path("mmul", () -> a.mmul(b)),
        path("mmul into c order", () -> a.mmul(b, c)),
        path("mmuli", () -> a.mmuli(b, f)),
        path("mmul of a transposed view", () -> a.mmul(bt.transpose())),
        path("gemm", () -> Nd4j.gemm(a, b, false, false)),
        path("gemm transposed", () -> Nd4j.gemm(a, bt, false, true)),
        path("gemm into", () -> Nd4j.gemm(a, b, f, false, false, 1.0, 0.0)),
        path("matmul", () -> Nd4j.matmul(a, b)),
        path("matmul transposed", () -> Nd4j.matmul(a, bt, false, true, false)),
        path("exec", () -> Nd4j.exec(new Mmul(a, b, c, null))));
  }

  private static Arguments path(String name, Runnable product) {
    return argumentSet(name, product);
  }

  @ParameterizedTest
  @MethodSource("paths")
  void oneProductCountsOnce(Runnable product) {
    LedgerSnapshot counted = Counted.during(RULES, product);
    // 3·7 results of 5 multiplies and 5 adds each
    assertThat(counted.matmulFlops()).isEqualTo(2 * M * K * N);
    assertThat(executions(counted)).isEqualTo(1);
    assertThat(counted.accountingErrors()).isZero();
  }

  @Test
  void rowTimesColumnIsOneDotProductOfBlas() {
    INDArray row = Nd4j.rand(DataType.FLOAT, 1, K);
    INDArray column = Nd4j.rand(DataType.FLOAT, K, 1);
    LedgerSnapshot counted = Counted.during(RULES, () -> row.mmul(column));
    // 5 multiplies and 5 adds
    assertThat(counted.matmulFlops()).isEqualTo(2 * K);
    assertThat(counted.where(entry -> entry.family() == OpFamily.BLAS).executions()).isEqualTo(1);
    assertThat(executions(counted)).isEqualTo(1);
  }

  @Test
  void matrixTimesColumnCountsOnce() {
    INDArray a = Nd4j.rand(DataType.FLOAT, M, K);
    INDArray column = Nd4j.rand(DataType.FLOAT, K, 1);
    LedgerSnapshot counted = Counted.during(RULES, () -> a.mmul(column));
    // 3 results of 5 multiplies and 5 adds each
    assertThat(counted.matmulFlops()).isEqualTo(2 * M * K);
    assertThat(executions(counted)).isEqualTo(1);
  }

  @Test
  void batchedProductCountsOnceForTheBatch() {
    INDArray a = Nd4j.rand(DataType.FLOAT, 2, M, K);
    INDArray b = Nd4j.rand(DataType.FLOAT, 2, K, N);
    LedgerSnapshot counted = Counted.during(RULES, () -> Nd4j.matmul(a, b));
    // two products
    assertThat(counted.matmulFlops()).isEqualTo(2 * 2 * M * K * N);
    assertThat(executions(counted)).isEqualTo(1);
  }

  private static long executions(LedgerSnapshot counted) {
    return counted.where(entry -> entry.opClass() == OpClass.MATMUL).executions();
  }
}
