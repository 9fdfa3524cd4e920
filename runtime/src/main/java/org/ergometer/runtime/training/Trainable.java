package org.ergometer.runtime.training;

import java.util.function.Supplier;
import org.ergometer.models.data.TokenBatch;

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
   */
  record Fitted(double loss, double learningRate, double gradientNorm, boolean applied) {}

  /**
   * One step: forward and backward over some batches, one after the other, then an update by the
   * mean of their gradients.
   *
   * @param batches gives the next batch, which is valid until the one after it
   * @param accumulated how many batches make up the step
   */
  Fitted fit(Supplier<TokenBatch> batches, int accumulated);

  /** Mean loss of a batch without learning from it, in nats. */
  double evaluate(TokenBatch batch);
}
