package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Cross-entropy by ops of ND4J; N rows, V vocabulary. */
final class ComposedCrossEntropy implements CrossEntropy {

  private final TensorOps ops;
  private final Kernel logSoftmax = new Kernel("log_softmax").integers(1);
  private final Kernel oneHot;
  private final INDArray total;
  private final INDArray inverseRows;
  private double mean;
  private @Nullable Saved saved;

  /**
   * What the backward pass needs.
   *
   * @param logProbabilities log p [N, V]
   * @param targetRows 1 at each row's target, 0 elsewhere [N, V]
   */
  private record Saved(INDArray logProbabilities, INDArray targetRows) {}

  ComposedCrossEntropy(TensorOps ops, int vocabulary) {
    this.ops = ops;
    oneHot = new Kernel("onehot").integers(-1, vocabulary).reals(1, 0);
    total = ops.constant(0);
    inverseRows = ops.constant(1);
  }

  @Override
  public double forward(INDArray logits, INDArray targets, Memory memory) {
    INDArray logProbabilities = memory.like(logits);
    INDArray targetRows = memory.like(logits);
    INDArray picked = memory.like(logits);
    logSoftmax.run(logProbabilities, logits);
    oneHot.run(targetRows, targets);
    ops.multiply(logProbabilities, targetRows, picked);
    ops.sumAll(picked, total);
    saved = new Saved(logProbabilities, targetRows);
    mean = -total.getDouble(0) / logits.size(0);
    return mean;
  }

  @Override
  public boolean backwardAlone() {
    return false;
  }

  @Override
  public double backward(INDArray logits, INDArray targets, INDArray gradient, Memory memory) {
    Saved forward = Objects.requireNonNull(saved, "backward without forward");
    inverseRows.putScalar(0, 1.0 / gradient.size(0));
    ops.exp(forward.logProbabilities, gradient);
    ops.subtract(gradient, forward.targetRows, gradient);
    ops.multiply(gradient, inverseRows, gradient);
    return mean;
  }

  @Override
  public void clear() {
    saved = null;
  }
}
