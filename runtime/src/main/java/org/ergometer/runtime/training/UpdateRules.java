package org.ergometer.runtime.training;

import org.ergometer.models.transformer.UpdateRule;
import org.ergometer.runtime.config.OptimizerConfig;

/** The update rule that a configuration names. */
public final class UpdateRules {

  /** Of nanoGPT and PyTorch. */
  private static final double ADAM_EPSILON = 1e-8;

  private UpdateRules() {}

  public static UpdateRule of(OptimizerConfig optimizer) {
    return switch (optimizer.kind()) {
      case ADAMW -> new UpdateRule.Adam(optimizer.beta1(), optimizer.beta2(), ADAM_EPSILON);
      case SGD -> new UpdateRule.Momentum(optimizer.momentum());
      case LION -> new UpdateRule.Lion(optimizer.beta1(), optimizer.beta2());
      case ADAFACTOR -> new UpdateRule.Adafactor();
    };
  }
}
