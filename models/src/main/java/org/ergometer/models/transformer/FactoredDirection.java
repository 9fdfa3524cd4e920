package org.ergometer.models.transformer;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * Adafactor's step for one parameter g, with its state. N rows, M columns:
 *
 * <pre>{@code
 * r [N] = b * r + (1 - b) * (mean over columns of g² + e)
 * c [M] = b * c + (1 - b) * (mean over rows of g² + e)
 * u [N, M] = g / sqrt(r * c / mean(r))
 * g = rate * u / max(1, rms(u)),  b = 1 - t^-0.8
 * }</pre>
 *
 * Of a vector r has all elements, and there is no c.
 */
final class FactoredDirection implements GradientUpdater<AdafactorUpdater> {

  static final String STATE = "V";

  /**
   * FLOPs for each element of a parameter: s + g·g by row, column and of all, and three products.
   */
  static final int FLOPS = 9;

  /** For each row: b·r, a·s + r, + e, the sum and the division of the mean, 1 / sqrt. */
  static final int ROW_FLOPS = 8;

  /** For each column: b·c, a·s + c, + e, 1 / sqrt. */
  static final int COLUMN_FLOPS = 6;

  /**
   * For each element of a vector: g·g, b·r, a·s + r, + e, 1 / sqrt, a product, s + u·u, the rate.
   */
  static final int VECTOR_FLOPS = 11;

  private static final double EPSILON = 1e-30;
  private static final double DECAY_POWER = -0.8;

  private final AdafactorUpdater rule;
  private final long rows;
  private final long columns;
  private final INDArray ofRows;
  private final INDArray ofColumns;
  private final INDArray forRows;
  private final INDArray forColumns;
  private final INDArray scalar;
  private final Kernel squareRows = new Kernel("reduce_sqnorm").integers(1);
  private final Kernel squareColumns = new Kernel("reduce_sqnorm").integers(0);
  private final Kernel squareAll = new Kernel("reduce_sqnorm").integers(0).reals(1);
  private final Kernel sum = new Kernel("reduce_sum").integers(0).reals(1);
  private final Kernel multiply = new Kernel("multiply");
  private final Kernel add = new Kernel("add");
  private final Kernel axpy = new Kernel("axpy");

  /**
   * The step of a parameter.
   *
   * @param extents of the parameter, one or two
   * @param state r and c, one after the other
   */
  FactoredDirection(AdafactorUpdater rule, List<Integer> extents, INDArray state) {
    this.rule = rule;
    this.rows = extents.get(0);
    this.columns = extents.size() == 1 ? 0 : extents.get(1);
    this.ofRows = state.get(NDArrayIndex.interval(0, rows));
    this.ofColumns = columns == 0 ? ofRows : state.get(NDArrayIndex.interval(rows, rows + columns));
    this.forRows = Nd4j.createUninitializedDetached(state.dataType(), rows);
    this.forColumns =
        columns == 0 ? forRows : Nd4j.createUninitializedDetached(state.dataType(), columns);
    this.scalar = TensorOps.constant(state.dataType(), 0);
  }

  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    INDArray all = gradient.reshape(gradient.length());
    double keep = 1 - Math.pow(iteration + 1.0, DECAY_POWER);
    if (columns == 0) {
      multiply.run(forRows, all, all);
      follow(ofRows, forRows, 1, keep);
      Nd4j.exec(new RSqrt(ofRows, forRows));
      multiply.run(all, all, forRows);
    } else {
      factored(gradient.reshape('c', rows, columns), keep);
    }
    squareAll.run(scalar, all);
    double size = Math.sqrt(scalar.getDouble(0) / all.length());
    double rate = rule.getLearningRate(iteration, epoch) / Math.max(1, size);
    multiply.run(all, all, scalar.putScalar(0, rate));
  }

  private void factored(INDArray g, double keep) {
    squareRows.run(forRows, g);
    squareColumns.run(forColumns, g);
    follow(ofRows, forRows, columns, keep);
    follow(ofColumns, forColumns, rows, keep);
    sum.run(scalar, ofRows);
    double mean = scalar.getDouble(0) / rows;
    multiply.run(forRows, ofRows, scalar.putScalar(0, 1 / mean));
    Nd4j.exec(new RSqrt(forRows, forRows));
    Nd4j.exec(new RSqrt(ofColumns, forColumns));
    multiply.run(g, g, forRows.reshape(rows, 1));
    multiply.run(g, g, forColumns.reshape(1, columns));
  }

  /** The running mean of squares moves to those that are sums of {@code count} of them. */
  private void follow(INDArray mean, INDArray sums, long count, double keep) {
    multiply.run(mean, mean, scalar.putScalar(0, keep));
    axpy.reals((1 - keep) / count).run(mean, mean, sums);
    add.run(mean, mean, scalar.putScalar(0, (1 - keep) * EPSILON));
  }

  @Override
  public void setState(Map<String, INDArray> state, boolean initialize) {
    throw new UnsupportedOperationException("the state is a view that is given once");
  }

  @Override
  public Map<String, INDArray> getState() {
    return Map.of(STATE, ofRows);
  }

  @Override
  public void setStateViewArray(
      INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    throw new UnsupportedOperationException("the state is a view that is given once");
  }

  @Override
  public AdafactorUpdater getConfig() {
    return rule;
  }
}
