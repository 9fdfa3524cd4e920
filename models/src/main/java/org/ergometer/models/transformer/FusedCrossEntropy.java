package org.ergometer.models.transformer;

import java.util.List;
import java.util.Objects;
import org.ergometer.accounting.op.FusedOp;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Cross-entropy by one op of the backend for each pass; N rows, V vocabulary. */
final class FusedCrossEntropy implements CrossEntropy {

  private final TensorOps ops;
  private final Kernel forward = new Kernel(FusedOp.CROSS_ENTROPY.label());
  private final Kernel backward = new Kernel(FusedOp.CROSS_ENTROPY_GRADIENT.label());
  private final INDArray total;
  private @Nullable INDArray logProbabilities;

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
    logProbabilities = logs;
    return total.getDouble(0) / logits.size(0);
  }

  @Override
  public void backward(INDArray targets, INDArray gradient) {
    INDArray logs = Objects.requireNonNull(logProbabilities, "backward without forward");
    backward.run(gradient, logs, targets);
  }

  @Override
  public void clear() {
    logProbabilities = null;
  }
}
