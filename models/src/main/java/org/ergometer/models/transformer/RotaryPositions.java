package org.ergometer.models.transformer;

import org.ergometer.accounting.op.FusedOp;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Rotary position embedding (Su et al. 2021): channels i and i + K/2 of a head are turned by the
 * angle t · θ^(−2i/K) at position t, as in Llama's published weights.
 *
 * <p>Dimensions: B batch, T time, H heads, K head dimension.
 */
final class RotaryPositions {

  private final TensorOps ops;
  private final int headDim;

  /** cos and sin of each position's angles, each twice side by side [context, 1, K]. */
  private final INDArray cosines;

  private final INDArray sines;

  /** One op of the backend for each direction, where there is one. */
  private final @Nullable Kernel forward;

  private final @Nullable Kernel back;

  /**
   * Angles for sequences up to {@code context}.
   *
   * @param base θ
   */
  RotaryPositions(TensorOps ops, int headDim, int context, double base) {
    this.ops = ops;
    this.headDim = headDim;
    int half = headDim / 2;
    double[] cos = new double[Math.multiplyExact(context, headDim)];
    double[] sin = new double[cos.length];
    for (int index = 0; index < cos.length; index++) {
      int position = index / headDim;
      int pair = index % headDim % half;
      double angle = position * Math.pow(base, -2.0 * pair / headDim);
      cos[index] = Math.cos(angle);
      sin[index] = Math.sin(angle);
    }
    cosines = table(ops.dataType(), cos, context);
    sines = table(ops.dataType(), sin, context);
    boolean fused = ops.offers(FusedOp.ROTATION);
    forward = fused ? new Kernel(FusedOp.ROTATION.label()).integers(1) : null;
    back = fused ? new Kernel(FusedOp.ROTATION.label()).integers(-1) : null;
  }

  private static INDArray table(DataType dataType, double[] values, int context) {
    INDArray table =
        Nd4j.createUninitializedDetached(dataType, context, 1, values.length / context);
    table.data().setData(values);
    return table;
  }

  /**
   * Turns each head of x [B·T, H·K], a view with heads side by side, by its position's angles.
   *
   * @param begin position of the first of T
   */
  void rotate(INDArray x, long batch, long begin, Memory working) {
    INDArray heads = byPosition(x, batch);
    if (forward != null) {
      turn(forward, heads, begin);
      return;
    }
    INDArray turned = timesSines(heads, begin, working);
    INDArray first = half(heads, 0);
    INDArray second = half(heads, 1);
    ops.subtract(first, half(turned, 1), first);
    ops.add(second, half(turned, 0), second);
  }

  /** Turns back: the inverse of a rotation is its transpose, which gradients go through. */
  void rotateBack(INDArray x, long batch, Memory working) {
    INDArray heads = byPosition(x, batch);
    if (back != null) {
      turn(back, heads, 0);
      return;
    }
    INDArray turned = timesSines(heads, 0, working);
    INDArray first = half(heads, 0);
    INDArray second = half(heads, 1);
    ops.add(first, half(turned, 1), first);
    ops.subtract(second, half(turned, 0), second);
  }

  private void turn(Kernel kernel, INDArray heads, long begin) {
    long time = heads.size(1);
    kernel.run(heads, heads, positions(cosines, begin, time), positions(sines, begin, time));
  }

  /** A new array of heads · sin; the heads themselves are multiplied by cos. */
  private INDArray timesSines(INDArray heads, long begin, Memory working) {
    INDArray turned = working.like(heads);
    ops.multiply(heads, positions(sines, begin, heads.size(1)), turned);
    ops.multiply(heads, positions(cosines, begin, heads.size(1)), heads);
    return turned;
  }

  /** [B, T, H, K]. */
  private INDArray byPosition(INDArray x, long batch) {
    return x.reshape('c', batch, x.size(0) / batch, x.size(1) / headDim, headDim);
  }

  private static INDArray positions(INDArray table, long begin, long time) {
    return table.get(
        NDArrayIndex.interval(begin, begin + time), NDArrayIndex.all(), NDArrayIndex.all());
  }

  private INDArray half(INDArray heads, int index) {
    int half = headDim / 2;
    return heads.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(index * half, (index + 1) * half));
  }
}
