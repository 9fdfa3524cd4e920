package org.ergometer.runtime.training;

import org.ergometer.models.data.TokenBatch;

/** A model as the training loop sees it. */
public interface Trainable {

  /** Forward, backward and update over a batch; gives the mean loss before the update, in nats. */
  double fit(TokenBatch batch);

  /** Mean loss of a batch without learning from it, in nats. */
  double evaluate(TokenBatch batch);

  /** Learning rate of the last {@link #fit}. */
  double learningRate();

  /** Global L2 norm of the gradient of the last {@link #fit}, before clipping. */
  double gradientNorm();
}
