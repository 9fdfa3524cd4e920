package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The ops that the layers are made of, each one native call into an array that exists already.
 *
 * <p>Element-wise ops broadcast as in NumPy; the result may be one of the operands. Not for sharing
 * between threads.
 */
final class TensorOps {

  /** Most rows that {@link #sumColumns} adds up in one go; measured to be fastest. */
  private static final int COLUMN_SUM_ROWS = 16;

  /** Weights may be others at each pass. */
  static final long NOT_HELD = 0;

  private final DataType dataType;
  private Precision precision = Precision.FLOAT32;
  private long held = NOT_HELD;
  private final Kernel matmul = new Kernel("matmul").integers(0, 0, 0);
  private final Kernel matmulTransposedB = new Kernel("matmul").integers(0, 1, 0);
  private final Kernel matmulTransposedA = new Kernel("matmul").integers(1, 0, 0);
  private final Kernel addMatmulTransposedA = new Kernel("matmul").integers(1, 0, 0).reals(1, 1);
  private final Kernel add = new Kernel("add");
  private final Kernel subtract = new Kernel("subtract");
  private final Kernel multiply = new Kernel("multiply");
  private final Kernel divide = new Kernel("divide");
  private final Kernel meanRows = new Kernel("reduce_mean").integers(-1).reals(1);
  private final Kernel sumRows = new Kernel("reduce_sum").integers(-1).reals(1);
  private final Kernel sumFirst = new Kernel("reduce_sum").integers(0);
  private final Kernel sumFirstKeeping = new Kernel("reduce_sum").integers(0).reals(1);
  private final Kernel sumSecond = new Kernel("reduce_sum").integers(1);
  private final Kernel softmax = new Kernel("softmax").integers(-1);

  TensorOps(DataType dataType) {
    this.dataType = dataType;
  }

  /** In which type what is multiplied with weights is. */
  Precision precision() {
    return precision;
  }

  void precision(Precision policy) {
    precision = policy;
  }

  /** Number of the time for which weights stay what they are; {@link #NOT_HELD} if they may not. */
  long held() {
    return held;
  }

  void held(long number) {
    held = number;
  }

  DataType dataType() {
    return dataType;
  }

  /** Whether the backend offers an op that does the work of several, in this element type. */
  boolean offers(FusedOp op) {
    return dataType == DataType.FLOAT && Kernel.exists(op.label());
  }

  /** A one-element array [1] that outlives all workspaces, in the element type of the layer. */
  INDArray constant(double value) {
    return constant(dataType, value);
  }

  /** A one-element array [1] that outlives all workspaces. */
  static INDArray constant(DataType dataType, double value) {
    return Nd4j.createUninitializedDetached(dataType, 1).putScalar(0, value);
  }

  /** z = a · b, over the last two dimensions. */
  void product(INDArray a, INDArray b, INDArray z) {
    matmul.run(z, a, b);
  }

  /** z = a · bᵀ, over the last two dimensions. */
  void productTransposedB(INDArray a, INDArray b, INDArray z) {
    matmulTransposedB.run(z, a, b);
  }

  /** z = aᵀ · b, over the last two dimensions. */
  void productTransposedA(INDArray a, INDArray b, INDArray z) {
    matmulTransposedA.run(z, a, b);
  }

  /** z = z + aᵀ · b, over the last two dimensions. */
  void addProductTransposedA(INDArray a, INDArray b, INDArray z) {
    addMatmulTransposedA.run(z, a, b);
  }

  void add(INDArray a, INDArray b, INDArray z) {
    add.run(z, a, b);
  }

  void subtract(INDArray a, INDArray b, INDArray z) {
    subtract.run(z, a, b);
  }

  void multiply(INDArray a, INDArray b, INDArray z) {
    multiply.run(z, a, b);
  }

  void divide(INDArray a, INDArray b, INDArray z) {
    divide.run(z, a, b);
  }

  void exp(INDArray x, INDArray z) {
    Nd4j.exec(new Exp(x, z));
  }

  /** z = erf(x), the Gauss error function. */
  void errorFunction(INDArray x, INDArray z) {
    Nd4j.exec(new Erf(x, z));
  }

  /** z = 1 / sqrt(x). */
  void inverseSquareRoot(INDArray x, INDArray z) {
    Nd4j.exec(new RSqrt(x, z));
  }

  /** z [N, 1] = mean of each row of x [N, M]. */
  void meanRows(INDArray x, INDArray z) {
    meanRows.run(z, x);
  }

  /** z [N, 1] = sum of each row of x [N, M]. */
  void sumRows(INDArray x, INDArray z) {
    sumRows.run(z, x);
  }

  /** z [1] = sum of all elements of x, which is in c-order. */
  void sumAll(INDArray x, INDArray z) {
    sumFirstKeeping.run(z, x.reshape(x.length()));
  }

  /** Softmax over the last dimension. */
  void softmax(INDArray x, INDArray z) {
    softmax.run(z, x);
  }

  /**
   * z [M] = sum of each column of x [N, M].
   *
   * <p>In two stages over groups of rows: ND4J's reduction along the first dimension strides
   * through memory and is several times slower than both together.
   */
  void sumColumns(INDArray x, INDArray z, Memory working) {
    long rows = x.size(0);
    long columns = x.size(1);
    long group = COLUMN_SUM_ROWS;
    while (rows % group != 0) {
      group--;
    }
    if (group == 1 || group == rows) {
      sumFirst.run(z, x);
      return;
    }
    INDArray partial = working.array(rows / group, columns);
    sumSecond.run(partial, x.reshape('c', rows / group, group, columns));
    sumFirst.run(z, partial);
  }

  /** z [M] = sum of each column of x [N, M] for few rows N. */
  void sumFewRows(INDArray x, INDArray z) {
    sumFirst.run(z, x);
  }
}
