package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * ND4J's {@code matmul}: z = alpha · op(x) · op(y) + beta · z, where op transposes or not, over the
 * last two dimensions; those before are batches and agree.
 *
 * <p>Integer arguments: transpose x, transpose y, transpose z; real ones: alpha, beta.
 */
final class DnnlMatmul extends DnnlKernel {

  /** Terms of a sum from which on it counts as long. */
  private static final int LONG_SUMS = 8192;

  /** Rows and columns of matrices that are made to ask the library what it can. */
  private static final int PROBE = 64;

  DnnlMatmul(ThreadLocal<DnnlSession> sessions) {
    super(sessions);
  }

  @Override
  boolean accepts(OpCall call) {
    if (call.inputCount() != 2 || call.outputCount() != 1 || call.integer(2, 0) != 0) {
      return false;
    }
    long z = call.output(0).address();
    return z != call.input(0).address() && z != call.input(1).address();
  }

  @Override
  DnnlFunction make(DnnlSession session, OpCall call) {
    TensorLayout x = TensorLayout.of(call.input(0));
    TensorLayout y = TensorLayout.of(call.input(1));
    TensorLayout z = TensorLayout.of(call.output(0));
    if (x.rank() < 2 || y.rank() != x.rank() || z.rank() != x.rank() || x.rank() > 4) {
      return DnnlPrimitive.REFUSED;
    }
    TensorLayout left = (call.integer(0, 0) != 0 ? x.transposed() : x).normalized();
    TensorLayout right = (call.integer(1, 0) != 0 ? y.transposed() : y).normalized();
    TensorLayout result = z.normalized();
    if (!typesAgree(left, right, result) || !extentsAgree(left, right, result)) {
      return DnnlPrimitive.REFUSED;
    }
    if (!left.distinct() || !right.distinct() || !result.distinct()) {
      return DnnlPrimitive.REFUSED;
    }
    left = left.withoutSingleBatches();
    right = right.withoutSingleBatches();
    result = result.withoutSingleBatches();
    DnnlFunction primitive = product(session, left, right, result, call);
    return primitive.refused() && SixteenBits.is(left.type)
        ? widened(session, left, right, result, call)
        : primitive;
  }

  /** For processors that are slow in a 16-bit type; which those are, the library knows. */
  private static DnnlFunction widened(
      DnnlSession session,
      TensorLayout left,
      TensorLayout right,
      TensorLayout result,
      OpCall call) {
    WidenedTensor x = new WidenedTensor(left);
    WidenedTensor y = new WidenedTensor(right);
    WidenedTensor z = SixteenBits.is(result.type) ? new WidenedTensor(result) : null;
    TensorLayout sums = z == null ? result : z.copy();
    DnnlFunction product = product(session, x.copy(), y.copy(), sums, call);
    return product.refused()
        ? DnnlPrimitive.REFUSED
        : new WidenedMatmul(product, x, y, z, call.real(1, 0) != 0);
  }

  /** Whether the library has a kernel for plain matrices of a type with sums in float32. */
  static boolean multiplies(DnnlSession session, int type) {
    TensorLayout operand = TensorLayout.dense(type, PROBE, PROBE);
    TensorLayout sums = TensorLayout.dense(dnnl.dnnl_f32, PROBE, PROBE);
    DnnlFunction product = make(session, operand, operand, sums, false, 1, 0);
    boolean made = !product.refused();
    product.close();
    return made;
  }

  private static DnnlFunction product(
      DnnlSession session,
      TensorLayout left,
      TensorLayout right,
      TensorLayout result,
      OpCall call) {
    double alpha = call.real(0, 1);
    double beta = call.real(1, 0);
    if (result.stride(-1) == 1) {
      return make(session, left, right, result, false, alpha, beta);
    }
    if (result.stride(-2) == 1) {
      // In f-order: zᵀ = op(y)ᵀ · op(x)ᵀ is in c-order.
      return make(
          session, right.transposed(), left.transposed(), result.transposed(), true, alpha, beta);
    }
    return DnnlPrimitive.REFUSED;
  }

  private static boolean typesAgree(TensorLayout x, TensorLayout y, TensorLayout z) {
    return x.type != TensorLayout.NO_TYPE
        && y.type == x.type
        && (z.type == x.type || z.type == dnnl.dnnl_f32);
  }

  private static boolean extentsAgree(TensorLayout x, TensorLayout y, TensorLayout z) {
    boolean agree =
        x.extent(-1) == y.extent(-2)
            && z.extent(-2) == x.extent(-2)
            && z.extent(-1) == y.extent(-1);
    for (int dimension = 0; dimension < x.rank() - 2; dimension++) {
      agree &= x.extent(dimension) == y.extent(dimension);
      agree &= x.extent(dimension) == z.extent(dimension);
    }
    return agree && oneUnitStride(x) && oneUnitStride(y);
  }

  private static boolean oneUnitStride(TensorLayout x) {
    return x.stride(-1) == 1 || x.stride(-2) == 1;
  }

  /**
   * The function for left · right. Of a batch too large for a check, none is trusted unchecked: it
   * is computed in slices that are not.
   *
   * @param swapped whether left is made of the op's second input
   */
  private static DnnlFunction make(
      DnnlSession session,
      TensorLayout left,
      TensorLayout right,
      TensorLayout result,
      boolean swapped,
      double alpha,
      double beta) {
    boolean batch = left.rank() > 2;
    if (batch && !MatmulCheck.affordable(left, right, result)) {
      DnnlFunction slice =
          make(session, left.slice(), right.slice(), result.slice(), swapped, alpha, beta);
      return slice.refused()
          ? slice
          : new SlicedMatmul(slice, swapped ? right : left, swapped ? left : right, result);
    }
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      int first = swapped ? dnnl.DNNL_ARG_WEIGHTS : dnnl.DNNL_ARG_SRC;
      int second = swapped ? dnnl.DNNL_ARG_SRC : dnnl.DNNL_ARG_WEIGHTS;
      dnnl_memory_desc x = builder.tensor(first, swapped ? right : left);
      dnnl_memory_desc y = builder.tensor(second, swapped ? left : right);
      dnnl_memory_desc z = builder.tensor(dnnl.DNNL_ARG_DST, result);
      scale(builder, alpha, beta);
      if (gemmIsFaster(left)) {
        builder.preferring("gemm:jit");
      }
      DnnlPrimitive primitive =
          builder.build(
              description ->
                  dnnl.dnnl_matmul_primitive_desc_create(
                      description,
                      builder.engine(),
                      swapped ? y : x,
                      swapped ? x : y,
                      null,
                      z,
                      builder.attributes()));
      if (primitive.refused() || !batch) {
        return primitive;
      }
      session.reserve(primitive);
      if (new MatmulCheck(left, right, result, alpha, beta).passes(session, primitive, swapped)) {
        return primitive;
      }
      primitive.close();
      return DnnlPrimitive.REFUSED;
    }
  }

  /**
   * Whether the library's older implementation wins over the one it takes first: by 5 to 25 % for
   * matrices of which the left one is transposed, as in gradients of weights, or very long.
   */
  private static boolean gemmIsFaster(TensorLayout left) {
    boolean transposed = left.stride(-1) != 1 && left.extent(-1) > 1;
    boolean longSums = left.rank() == 2 && left.extent(-1) >= LONG_SUMS;
    return left.type == dnnl.dnnl_f32 && (transposed || longSums);
  }

  private static void scale(DnnlPrimitive.Builder builder, double alpha, double beta) {
    if (alpha == 1 && beta == 0) {
      return;
    }
    builder.then(
        operations -> {
          if (alpha != 1) {
            DnnlStatus.require(
                dnnl.dnnl_post_ops_append_eltwise(
                    operations, dnnl.dnnl_eltwise_linear, (float) alpha, 0),
                "scale a product");
          }
          if (beta != 0) {
            DnnlStatus.require(
                dnnl.dnnl_post_ops_append_sum(
                    operations, (float) beta, 0, dnnl.dnnl_data_type_undef),
                "add a product");
          }
        });
  }
}
