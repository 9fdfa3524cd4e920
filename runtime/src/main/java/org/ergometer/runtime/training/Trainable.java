package org.ergometer.runtime.training;

import java.util.function.Supplier;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.transformer.Transformer;
import org.jspecify.annotations.Nullable;

/** A model as the training loop sees it. */
public interface Trainable {

  /**
   * What a step came to.
   *
   * @param loss mean cross-entropy before the update, in nats
   * @param learningRate of the update
   * @param gradientNorm global L2 norm of the gradient before clipping
   * @param applied whether the parameters were updated; not where the gradient was no number, or
   *     the step a spike
   * @param lossScale what the loss was multiplied with; null where it is not scaled
   */
  record Fitted(
      double loss,
      double learningRate,
      double gradientNorm,
      boolean applied,
      @Nullable Double lossScale) {

    /** Of a loss that is not scaled. */
    public Fitted(double loss, double learningRate, double gradientNorm, boolean applied) {
      this(loss, learningRate, gradientNorm, applied, null);
    }
  }

  /**
   * One step: forward and backward over some batches, one after the other, then an update by the
   * mean of their gradients.
   *
   * @param batches gives the next batch, which is valid until the one after it
   * @param accumulated how many batches make up the step
   */
  Fitted fit(Supplier<TokenBatch> batches, int accumulated);

  /** Promises not to learn until what this gives is closed, so that evaluation has less to do. */
  default Transformer.Held holdWeights() {
    return () -> {};
  }

  /** Mean loss of a batch without learning from it, in nats. */
  double evaluate(TokenBatch batch);
}
