package org.ergometer.runtime.config;

import java.math.BigInteger;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How long to train, and how often to look at held-out text.
 *
 * @param steps training steps
 * @param batch windows in a batch, B
 * @param accumulate batches in a step
 * @param seed of the parameters and of the order of windows
 * @param evalEvery steps between evaluations
 * @param evalBatches size of the evaluation set, in {@value #EVALUATION_BATCH_TOKENS} tokens
 * @param patience evaluations without a lower loss after which training ends; null for never
 * @param divergence what to do at a gradient that is no finite number, or at a spike
 * @param spikeDeviations standard deviations above the mean that make a spike; null for none
 */
public record LoopConfig(
    int steps,
    int batch,
    int accumulate,
    long seed,
    int evalEvery,
    int evalBatches,
    @Nullable Integer patience,
    Divergence divergence,
    @Nullable Double spikeDeviations) {

  /**
   * Tokens that {@code eval-batches} counts in, a batch of the default configuration: what is held
   * out does not depend on the batches that a run trains with.
   */
  private static final int EVALUATION_BATCH_TOKENS = 768;

  public LoopConfig {
    atLeastOne("steps", steps);
    requireCountable(batch, accumulate);
    atLeastOne("eval-every", evalEvery);
    atLeastOne("eval-batches", evalBatches);
    if (evalBatches > Integer.MAX_VALUE / EVALUATION_BATCH_TOKENS) {
      throw new InvalidInputException(
          "eval-batches must be <= %s, got %s; set --eval-batches"
              .formatted(Integer.MAX_VALUE / EVALUATION_BATCH_TOKENS, evalBatches));
    }
    if (patience != null) {
      atLeastOne("patience", patience);
    }
    if (spikeDeviations != null && !(spikeDeviations > 0)) {
      throw new InvalidInputException(
          "spike-deviations must be > 0, got %s; set --spike-deviations, or leave it out for no spikes"
              .formatted(spikeDeviations));
    }
  }

  static LoopConfig of(Settings settings, int context) {
    int batch = settings.integer(Setting.BATCH);
    int accumulate = settings.integer(Setting.ACCUMULATE);
    requireCountable(batch, accumulate);
    return new LoopConfig(
        steps(settings, (long) batch * accumulate * context),
        batch,
        accumulate,
        settings.whole(Setting.SEED),
        settings.integer(Setting.EVAL_EVERY),
        settings.integer(Setting.EVAL_BATCHES),
        settings.isSet(Setting.PATIENCE) ? (Integer) settings.integer(Setting.PATIENCE) : null,
        settings.choice(Setting.DIVERGENCE, Divergence.class),
        settings.isSet(Setting.SPIKE_DEVIATIONS)
            ? (Double) settings.real(Setting.SPIKE_DEVIATIONS)
            : null);
  }

  private static int steps(Settings settings, long stepTokens) {
    if (!settings.isSet(Setting.TOKENS)) {
      return settings.integer(Setting.STEPS);
    }
    long tokens = settings.whole(Setting.TOKENS);
    if (settings.isGiven(Setting.STEPS)) {
      throw new InvalidInputException(
          "tokens and steps both say how long the run is, got tokens %s; leave one of the two out"
              .formatted(tokens));
    }
    BigInteger most =
        BigInteger.valueOf(stepTokens).multiply(BigInteger.valueOf(Integer.MAX_VALUE));
    if (tokens < 1 || BigInteger.valueOf(tokens).compareTo(most) > 0) {
      throw new InvalidInputException(
          "tokens must be between 1 and %s (2^31 - 1 steps), got %s; set --tokens"
              .formatted(most, tokens));
    }
    return (int) ((tokens - 1) / stepTokens + 1);
  }

  /** Windows in a step. */
  public int stepSequences() {
    return Math.multiplyExact(batch, accumulate);
  }

  /** Windows to evaluate at once: as many as are trained on, and more where those are few. */
  public int evaluationBatch(int context) {
    return Math.max(batch, EVALUATION_BATCH_TOKENS / context);
  }

  /** Windows of the evaluation set, whole ones. */
  public int evaluationWindows(int context) {
    long tokens = (long) evalBatches * EVALUATION_BATCH_TOKENS;
    return Math.toIntExact((tokens + context - 1) / context);
  }

  private static void requireCountable(int batch, int accumulate) {
    atLeastOne("batch", batch);
    atLeastOne("accumulate", accumulate);
    if ((long) batch * accumulate > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "batch times accumulate must be below 2^31, got %s and %s; set --batch or --accumulate"
              .formatted(batch, accumulate));
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new InvalidInputException(
          "%s must be >= 1, got %s; set --%s".formatted(name, value, name));
    }
  }
}
