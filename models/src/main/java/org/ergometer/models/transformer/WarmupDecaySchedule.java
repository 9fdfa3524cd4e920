package org.ergometer.models.transformer;

import org.ergometer.accounting.input.InvalidInputException;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Learning rate that rises linearly over the first steps, stays at its peak, and falls to its
 * minimum over the last.
 *
 * <p>With {@code decaySteps} = totalSteps − warmupSteps there is no plateau between, which with a
 * cosine is the schedule of nanoGPT (Loshchilov, Hutter 2017); with less it is warm-up, stable,
 * decay (Hu et al. 2024).
 *
 * @param peak highest rate, reached at step {@code warmupSteps}
 * @param minimum rate from {@code totalSteps} on, unless it never falls
 * @param warmupSteps steps of linear rise; step 0 trains at peak / (warmupSteps + 1)
 * @param totalSteps step at which the minimum is reached
 * @param decaySteps steps of falling before that
 * @param decay along what it falls
 */
public record WarmupDecaySchedule(
    @JsonProperty("peak") double peak,
    @JsonProperty("minimum") double minimum,
    @JsonProperty("warmupSteps") int warmupSteps,
    @JsonProperty("totalSteps") int totalSteps,
    @JsonProperty("decaySteps") int decaySteps,
    @JsonProperty("decay") Decay decay)
    implements ISchedule {

  /** Along what a learning rate falls. */
  public enum Decay {
    /** Half a cosine. */
    COSINE {
      @Override
      double left(double progress) {
        return (1 + Math.cos(Math.PI * progress)) / 2;
      }
    },
    /** A straight line. */
    LINEAR {
      @Override
      double left(double progress) {
        return 1 - progress;
      }
    },
    /** Nothing: it stays. */
    NONE {
      @Override
      double left(double progress) {
        return 1;
      }
    };

    /** Part of the way from minimum to peak that is left after a part of the decay. */
    abstract double left(double progress);
  }

  public WarmupDecaySchedule {
    if (!(peak > 0) || peak == Double.POSITIVE_INFINITY) {
      throw new InvalidInputException(
          "learning-rate must be > 0 and finite, got %s; set --learning-rate".formatted(peak));
    }
    if (!(minimum >= 0) || minimum > peak) {
      throw new InvalidInputException(
          "min-learning-rate must be between 0 and learning-rate %s, got %s; set --min-learning-rate"
              .formatted(peak, minimum));
    }
    if (warmupSteps < 0 || warmupSteps > totalSteps) {
      throw new InvalidInputException(
          "warmup must be between 0 and steps %s, got %s; set --warmup"
              .formatted(totalSteps, warmupSteps));
    }
    if (decaySteps < 0 || decaySteps > totalSteps - warmupSteps) {
      throw new InvalidInputException(
          "cooldown must be between 0 and the %s steps after the warm-up, got %s; set --cooldown"
              .formatted(totalSteps - warmupSteps, decaySteps));
    }
  }

  /** Warm-up, then a cosine until the last step. */
  public static WarmupDecaySchedule cosine(
      double peak, double minimum, int warmupSteps, int totalSteps) {
    return new WarmupDecaySchedule(
        peak, minimum, warmupSteps, totalSteps, totalSteps - warmupSteps, Decay.COSINE);
  }

  /** The rate at a step, the first being 0. */
  @Override
  public double valueAt(int iteration, int epoch) {
    if (iteration < warmupSteps) {
      return peak * (iteration + 1) / (warmupSteps + 1);
    }
    int start = totalSteps - decaySteps;
    if (decay == Decay.NONE || iteration < start) {
      return peak;
    }
    if (iteration >= totalSteps) {
      return minimum;
    }
    double progress = (iteration - start) / (double) decaySteps;
    return minimum + (peak - minimum) * decay.left(progress);
  }

  @Override
  public WarmupDecaySchedule clone() {
    return this;
  }
}
