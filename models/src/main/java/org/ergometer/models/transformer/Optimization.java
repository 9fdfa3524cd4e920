package org.ergometer.models.transformer;

import org.ergometer.accounting.input.InvalidInputException;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * An update rule with decay of the matrices that is decoupled from the gradient (AdamW: Loshchilov,
 * Hutter 2019): a step subtracts what the rule says, and learning rate · weightDecay · W.
 *
 * @param learningRate by step
 * @param rule what becomes of the gradient
 * @param weightDecay decay of matrices, embeddings included; gains and biases have none
 */
public record Optimization(ISchedule learningRate, UpdateRule rule, double weightDecay) {

  public Optimization {
    if (!(weightDecay >= 0)) {
      throw new InvalidInputException(
          "weight-decay must be >= 0, got %s; set --weight-decay".formatted(weightDecay));
    }
  }

  /** AdamW with nanoGPT's settings for small models: betas 0.9 and 0.99, decay 0.1. */
  public static Optimization adamW(ISchedule learningRate) {
    return new Optimization(learningRate, new UpdateRule.Adam(0.9, 0.99, 1e-8), 0.1);
  }

  /** The same at a constant learning rate. */
  public static Optimization adamW(double learningRate) {
    return adamW(new FixedSchedule(learningRate));
  }
}
