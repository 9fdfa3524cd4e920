package org.ergometer.models.transformer;

import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * AdamW (Loshchilov, Hutter 2019): Adam with decay of the matrices, decoupled from the gradient.
 *
 * <p>A step subtracts learning rate · (Adam's direction + weightDecay · W). Adam is ND4J's {@code
 * adam_updater}: with bias correction folded into the rate, so that epsilon is added to the
 * uncorrected root (the form at the end of section 2 in Kingma, Ba 2015).
 *
 * @param learningRate by step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decay of matrices, embeddings included; gains and biases have none
 */
public record Optimization(
    ISchedule learningRate, double beta1, double beta2, double epsilon, double weightDecay) {

  public Optimization {
    fraction("beta1", beta1);
    fraction("beta2", beta2);
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException(
          "epsilon must be > 0, got %s; set --epsilon".formatted(epsilon));
    }
    if (!(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "weight-decay must be >= 0, got %s; set --weight-decay".formatted(weightDecay));
    }
  }

  /** nanoGPT's settings for small models: betas 0.9 and 0.99, decay 0.1. */
  public static Optimization adamW(ISchedule learningRate) {
    return new Optimization(learningRate, 0.9, 0.99, 1e-8, 0.1);
  }

  /** nanoGPT's settings for small models at a constant learning rate. */
  public static Optimization adamW(double learningRate) {
    return adamW(new FixedSchedule(learningRate));
  }

  private static void fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s must be >= 0 and < 1, got %s; set --%s".formatted(name, value, name));
    }
  }
}
