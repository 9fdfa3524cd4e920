package org.ergometer.runtime.config;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * The update rule, its learning rate over time, and clipping.
 *
 * @param kind the rule; adamw is that of Loshchilov and Hutter (2019)
 * @param learningRate highest learning rate
 * @param minLearningRate learning rate of the last step
 * @param schedule how it falls
 * @param warmup steps until the highest learning rate
 * @param cooldown last steps of wsd, over which it falls
 * @param weightDecay decoupled decay, on matrices only
 * @param momentum of sgd
 * @param clip largest global gradient norm; 0 clips nothing
 * @param dropout probability at which an element is dropped; 0 for none
 * @param averageDecay limit of the decay of the parameters' moving average; 0 for no average
 */
public record OptimizerConfig(
    OptimizerKind kind,
    double learningRate,
    double minLearningRate,
    ScheduleKind schedule,
    int warmup,
    int cooldown,
    double weightDecay,
    double beta1,
    double beta2,
    double momentum,
    double clip,
    double dropout,
    double averageDecay) {

  private static final int USUAL_WARMUP = 100;

  public OptimizerConfig {
    require(learningRate > 0, "learning-rate must be > 0", learningRate, "learning-rate");
    require(
        minLearningRate >= 0 && minLearningRate <= learningRate,
        "min-learning-rate must be between 0 and learning-rate " + learningRate,
        minLearningRate,
        "min-learning-rate");
    if (warmup < 0) {
      throw new InvalidInputException(
          "warmup must be >= 0, got %s; set --warmup".formatted(warmup));
    }
    if (cooldown < 0) {
      throw new InvalidInputException(
          "cooldown must be >= 0, got %s; set --cooldown".formatted(cooldown));
    }
    require(weightDecay >= 0, "weight-decay must be >= 0", weightDecay, "weight-decay");
    require(beta1 >= 0 && beta1 < 1, "beta1 must be >= 0 and < 1", beta1, "beta1");
    require(beta2 >= 0 && beta2 < 1, "beta2 must be >= 0 and < 1", beta2, "beta2");
    require(momentum >= 0 && momentum < 1, "momentum must be >= 0 and < 1", momentum, "momentum");
    require(clip >= 0, "clip must be >= 0", clip, "clip");
    require(dropout >= 0 && dropout < 1, "dropout must be >= 0 and < 1", dropout, "dropout");
    require(
        averageDecay >= 0 && averageDecay < 1,
        "average-decay must be >= 0 and < 1",
        averageDecay,
        "average-decay");
  }

  static OptimizerConfig of(Settings settings, int steps) {
    double learningRate = settings.real(Setting.LEARNING_RATE);
    return new OptimizerConfig(
        settings.choice(Setting.OPTIMIZER, OptimizerKind.class),
        learningRate,
        settings.real(Setting.MIN_LEARNING_RATE, learningRate / 10),
        settings.choice(Setting.SCHEDULE, ScheduleKind.class),
        settings.integer(Setting.WARMUP, Math.min(USUAL_WARMUP, steps / 10)),
        settings.integer(Setting.COOLDOWN, steps / 5),
        settings.real(Setting.WEIGHT_DECAY),
        settings.real(Setting.BETA1),
        settings.real(Setting.BETA2),
        settings.real(Setting.MOMENTUM),
        settings.real(Setting.CLIP),
        settings.real(Setting.DROPOUT),
        settings.real(Setting.AVERAGE_DECAY));
  }

  /** Whether a moving average of the parameters is kept, evaluated and saved. */
  public boolean averages() {
    return averageDecay > 0;
  }

  private static void require(boolean holds, String rule, double value, String setting) {
    if (!holds) {
      throw new InvalidInputException("%s, got %s; set --%s".formatted(rule, value, setting));
    }
  }
}
