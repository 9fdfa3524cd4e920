package org.ergometer.models.transformer;

import java.util.List;
import org.ergometer.accounting.op.FusedOp;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Cross-entropy by one op of the backend for each pass; N rows, V vocabulary. */
final class FusedCrossEntropy implements CrossEntropy {

  private final TensorOps ops;
  private final Kernel forward = new Kernel(FusedOp.CROSS_ENTROPY.label());
  private final Kernel backward = new Kernel(FusedOp.CROSS_ENTROPY_GRADIENT.label());
  private final INDArray total;

  FusedCrossEntropy(TensorOps ops) {
    this.ops = ops;
    this.total = ops.constant(0);
  }

  @Override
  public double forward(INDArray logits, INDArray targets, Memory memory) {
    INDArray logs = memory.like(logits);
    INDArray losses = memory.array(logits.size(0));
    forward.run(List.of(logs, losses), logits, targets);
    ops.sumAll(losses, total);
    return total.getDouble(0) / logits.size(0);
  }

  @Override
  public boolean backwardAlone() {
    return true;
  }

  @Override
  public double backward(INDArray logits, INDArray targets, INDArray gradient, Memory memory) {
    INDArray losses = memory.array(logits.size(0));
    backward.run(List.of(gradient, losses), logits, targets);
    ops.sumAll(losses, total);
    return total.getDouble(0) / logits.size(0);
  }

  /** Nothing is kept. */
  @Override
  public void clear() {}
}
