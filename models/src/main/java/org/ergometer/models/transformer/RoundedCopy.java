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

  RoundedCopy(TensorOps ops) {
    this.ops = ops;
  }

  /** The operand x, rounded; x is dense. */
  INDArray round(INDArray x) {
    DataType type = ops.precision().type(Work.WEIGHT_PRODUCT);
    if (type == x.dataType() || !ops.precision().mixed()) {
      copy = null;
      return x;
    }
    INDArray rounded = copy;
    if (rounded == null || !rounded.equalShapes(x)) {
      // Not in a workspace: the backward pass needs it, and the next step has it again.
      rounded = Nd4j.createUninitializedDetached(type, x.shape());
      copy = rounded;
    }
    kernel(type).run(rounded.reshape(rounded.length()), x.reshape(x.length()));
    return rounded;
  }

  /** What {@link #round} made of x last. */
  INDArray last(INDArray x) {
    return copy == null ? x : copy;
  }

  private Kernel kernel(DataType type) {
    Kernel present = cast;
    if (present == null) {
      present = new Kernel("cast").integers(type.toInt());
      cast = present;
    }
    return present;
  }
}
