package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Matrix products and linear algebra. A product of m×k by k×n takes 2·m·k·n: each of m·n results is
 * the sum of k products.
 */
final class MatrixRules {

  private static final String PRODUCT = "2·m·k·n per product of m×k by k×n";

  private MatrixRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = products();
    rules.addAll(factorizations());
    return rules;
  }

  private static List<OpRule> products() {
    return new RuleList(OpFamily.CUSTOM, OpClass.MATMUL)
        .add("matmul", MatrixRules::matmul, Touched.PRODUCT, PRODUCT)
        .all(MatrixRules::matmulBackward, "two products of the forward one's size", "matmul_bp")
        .all(MatrixRules::batchedGemm, PRODUCT + ", batch times", "batched_gemm")
        .all(
            MatrixRules::tensorProduct,
            "2·(elements of the result)·(elements contracted)",
            "tensormmul")
        .all(
            MatrixRules::tensorProductBackward,
            "two products of the forward one's size",
            "tensormmul_bp")
        .all(
            op -> linear(op, 2, Extent.output(op), 1),
            PRODUCT + ", and an addition of the bias per result",
            "xw_plus_b")
        .all(
            op -> linear(op, 2, Extent.output(op), 2),
            PRODUCT + ", an addition of the bias and a comparison per result",
            "relu_layer")
        .all(
            op -> linear(op, 4, Extent.lastInput(op).length(), 1),
            "two products of the forward one's size, and the bias gradient's sum",
            "xw_plus_b_bp")
        .rules();
  }

  /** Integer arguments: transpose x, transpose y, transpose z. */
  private static long matmul(OpDescriptor op) {
    return Extent.product(2, inner(op), Extent.output(op));
  }

  private static long matmulBackward(OpDescriptor op) {
    return Extent.product(4, inner(op), Extent.lastInput(op).length());
  }

  /**
   * {@code factor} FLOPs for each of {@code results} and the inputs' width, {@code further} for
   * each result. The integer argument, if there is one, transposes the weights, never the inputs.
   */
  private static long linear(OpDescriptor op, long factor, long results, long further) {
    long products = Extent.product(factor, results, op.input(0).size(-1));
    return Extent.sum(products, Extent.product(further, results));
  }

  /** Extent that both operands share: the last of x, or the one before where x is transposed. */
  private static long inner(OpDescriptor op) {
    TensorSpec x = op.input(0);
    if (x.rank() < 2) {
      return x.rank() == 0 ? 1 : vectorInner(op, x);
    }
    return Extent.argument(op, 0, 0) != 0 ? x.size(-2) : x.size(-1);
  }

  /** A vector times a vector of another length has an outer product as result. */
  private static long vectorInner(OpDescriptor op, TensorSpec x) {
    boolean outer = op.outputCount() > 0 && op.output(0).rank() == 2;
    return outer ? 1 : x.size(-1);
  }

  /** Integer arguments: transpose A, transpose B, M, N, K, leading dimensions, batch size. */
  private static long batchedGemm(OpDescriptor op) {
    long rows = op.integerArgument(2);
    long columns = op.integerArgument(3);
    long inner = op.integerArgument(4);
    long batch = op.integerArgument(8);
    return Extent.product(2, Extent.product(rows, columns, inner), batch);
  }

  /** Integer arguments: number of axes of x, those axes, number of axes of y, those axes. */
  private static long tensorProduct(OpDescriptor op) {
    return Extent.product(2, Extent.output(op), contracted(op));
  }

  private static long tensorProductBackward(OpDescriptor op) {
    return Extent.product(4, Extent.lastInput(op).length(), contracted(op));
  }

  private static long contracted(OpDescriptor op) {
    TensorSpec x = op.input(0);
    long axes = op.integerArgument(0);
    long size = 1;
    for (int axis = 1; axis <= axes; axis++) {
      size = Extent.product(size, x.size(Math.toIntExact(op.integerArgument(axis))));
    }
    return size;
  }

  /**
   * Counts by Golub and Van Loan, Matrix Computations (4th edition), for each matrix of a batch.
   */
  private static List<OpRule> factorizations() {
    List<OpRule> rules = new ArrayList<>();
    RuleList list = new RuleList(OpFamily.CUSTOM, OpClass.MATMUL);
    list.all(op -> cubes(op, 1) / 3, "n³/3 (Golub and Van Loan, 4.2.5)", "cholesky");
    list.all(
        op -> cubes(op, 2) / 3,
        "2·n³/3 by LU (Golub and Van Loan, 3.2.7)",
        "lu",
        "matrix_determinant",
        "log_matrix_determinant");
    list.all(op -> cubes(op, 1) / 3, "n³/3 by Cholesky", "logdet");
    list.all(op -> cubes(op, 2), "2·n³ (Golub and Van Loan, 3.4.9)", "matrix_inverse");
    list.all(
        op -> Extent.sum(cubes(op, 2) / 3, Extent.product(2, size(op), Extent.output(op))),
        "2·n³/3 by LU, then 2·n² for each right-hand side",
        "solve");
    list.all(
        op -> Extent.product(size(op), Extent.output(op)),
        "n² for each right-hand side",
        "triangular_solve");
    list.all(
        MatrixRules::leastSquares,
        "2·m·n² for AᵀA, n³/3 by Cholesky, then 2·m·n + 2·n² for each right-hand side",
        "lstsq",
        "solve_ls");
    list.all(
        MatrixRules::householder,
        "2·n²·(m - n/3) for R (Golub and Van Loan, 5.2.2), as much again for Q",
        "qr");
    list.all(
        op -> Extent.product(3, Extent.output(op)),
        "6 products and 3 subtractions per vector of 3",
        "cross");
    rules.addAll(list.rules());
    return rules;
  }

  /** {@code factor}·n³ for each square matrix of the first input. */
  private static long cubes(OpDescriptor op, long factor) {
    return Extent.product(factor, op.input(0).length(), size(op));
  }

  private static long size(OpDescriptor op) {
    return op.input(0).size(-1);
  }

  private static long leastSquares(OpDescriptor op) {
    TensorSpec matrix = op.input(0);
    long m = matrix.size(-2);
    long n = matrix.size(-1);
    long batch = Extent.quotient(matrix.length(), Extent.product(m, n));
    long factor = Extent.sum(Extent.product(2 * m, n, n), Extent.product(n, n, n) / 3);
    long perResult = 2 * Extent.sum(m, n);
    return Extent.sum(Extent.product(batch, factor), Extent.product(perResult, Extent.output(op)));
  }

  private static long householder(OpDescriptor op) {
    TensorSpec matrix = op.input(0);
    long m = matrix.size(-2);
    long n = matrix.size(-1);
    long batch = Extent.quotient(matrix.length(), Extent.product(m, n));
    long thirds = Extent.product(2, Extent.product(n, n), Math.max(0, 3 * m - n));
    return Extent.product(2, batch, thirds / 3);
  }
}
