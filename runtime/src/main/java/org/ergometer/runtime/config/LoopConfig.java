package org.ergometer.runtime.config;

/**
 * How long to train, and how often to look at held-out text.
 *
 * @param steps training steps
 * @param batch windows in a step, B
 * @param seed of the parameters and of the order of windows
 * @param evalEvery steps between evaluations
 * @param evalBatches batches in the evaluation set
 */
public record LoopConfig(int steps, int batch, long seed, int evalEvery, int evalBatches) {

  public LoopConfig {
    atLeastOne("steps", steps);
    atLeastOne("batch", batch);
    atLeastOne("eval-every", evalEvery);
    atLeastOne("eval-batches", evalBatches);
  }

  static LoopConfig of(Settings settings) {
    return new LoopConfig(
        settings.integer(Setting.STEPS),
        settings.integer(Setting.BATCH),
        settings.whole(Setting.SEED),
        settings.integer(Setting.EVAL_EVERY),
        settings.integer(Setting.EVAL_BATCHES));
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s must be >= 1, got %d; set --%s".formatted(name, value, name));
    }
  }
}
