package org.ergometer.models.transformer;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Learning rate that rises linearly over the first steps, then falls along a half cosine
 * (Loshchilov, Hutter 2017; the form of nanoGPT) and stays at its minimum.
 *
 * @param peak highest rate, reached at step {@code warmupSteps}
 * @param minimum rate from {@code totalSteps} on
 * @param warmupSteps steps of linear rise; step 0 trains at peak / (warmupSteps + 1)
 * @param totalSteps step at which the minimum is reached
 */
public record WarmupCosineSchedule(
    @JsonProperty("peak") double peak,
    @JsonProperty("minimum") double minimum,
    @JsonProperty("warmupSteps") int warmupSteps,
    @JsonProperty("totalSteps") int totalSteps)
    implements ISchedule {

  public WarmupCosineSchedule {
    if (!(peak > 0) || peak == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "learning-rate must be > 0 and finite, got %s; set --learning-rate".formatted(peak));
    }
    if (!(minimum >= 0) || minimum > peak) {
      throw new IllegalArgumentException(
          "min-learning-rate must be between 0 and learning-rate %s, got %s; set --min-learning-rate"
              .formatted(peak, minimum));
    }
    if (warmupSteps < 0 || warmupSteps > totalSteps) {
      throw new IllegalArgumentException(
          "warmup-steps must be between 0 and steps %d, got %d; set --warmup-steps"
              .formatted(totalSteps, warmupSteps));
    }
  }

  /** The rate at a step, the first being 0. */
  @Override
  public double valueAt(int iteration, int epoch) {
    if (iteration < warmupSteps) {
      return peak * (iteration + 1) / (warmupSteps + 1);
    }
    if (iteration >= totalSteps) {
      return minimum;
    }
    double progress = (iteration - warmupSteps) / (double) (totalSteps - warmupSteps);
    return minimum + (peak - minimum) * (1 + Math.cos(Math.PI * progress)) / 2;
  }

  @Override
  public WarmupCosineSchedule clone() {
    return this;
  }
}
