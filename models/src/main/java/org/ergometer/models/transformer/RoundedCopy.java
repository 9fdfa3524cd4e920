package org.ergometer.models.transformer;

import org.ergometer.models.transformer.Precision.Work;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An operand in the type that products with weights take: a copy by one cast, kept until the next,
 * or the operand itself where that is its type.
 */
final class RoundedCopy {

  private final TensorOps ops;
  private @Nullable Kernel cast;
  private @Nullable INDArray copy;

  /** What the copy of weights was made under; see {@link TensorOps#held}. */
  private long heldSince;

  RoundedCopy(TensorOps ops) {
    this.ops = ops;
  }

  /** The operand x, rounded into {@code memory}; x is dense. */
  INDArray round(INDArray x, Memory memory) {
    DataType type = ops.precision().type(Work.WEIGHT_PRODUCT);
    if (isOf(type, x)) {
      copy = null;
      return x;
    }
    INDArray rounded = memory.as(type).like(x);
    run(type, x, rounded);
    copy = rounded;
    return rounded;
  }

  /**
   * Weights, rounded into memory that stays theirs; not again while weights are held that were
   * rounded before.
   */
  INDArray roundWeights(INDArray x) {
    DataType type = ops.precision().type(Work.WEIGHT_PRODUCT);
    if (isOf(type, x)) {
      copy = null;
      return x;
    }
    INDArray rounded = copy;
    if (rounded == null || rounded.dataType() != type) {
      rounded = Nd4j.createUninitializedDetached(type, x.shape());
      copy = rounded;
      heldSince = TensorOps.NOT_HELD;
    }
    if (ops.held() == TensorOps.NOT_HELD || ops.held() != heldSince) {
      run(type, x, rounded);
      heldSince = ops.held();
    }
    return rounded;
  }

  /** What was made of x last. */
  INDArray last(INDArray x) {
    return copy == null ? x : copy;
  }

  /** A model in double precision, of gradient checks, is rounded nowhere. */
  private boolean isOf(DataType type, INDArray x) {
    return type == x.dataType() || !ops.precision().mixed();
  }

  private void run(DataType type, INDArray x, INDArray rounded) {
    Kernel present = cast;
    if (present == null) {
      present = new Kernel("cast").integers(type.toInt());
      cast = present;
    }
    present.run(rounded.reshape(rounded.length()), x.reshape(x.length()));
  }
}
