package org.ergometer.runtime.config;

import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.transformer.Precision;

/**
 * In which types a run works.
 *
 * @param lossScale factor of the loss at first, where the policy scales it: a power of two
 * @param lossScaleWindow steps without an overflow after which the factor doubles
 * @param baselineSteps steps in float32 that are measured on a copy
 */
public record PrecisionConfig(
    Precision policy, double lossScale, int lossScaleWindow, int baselineSteps) {

  /** Gradients beyond would not be finite in float32 either. */
  private static final int LARGEST_EXPONENT = 100;

  public PrecisionConfig {
    boolean power =
        lossScale >= 1
            && lossScale <= Math.scalb(1.0, LARGEST_EXPONENT)
            && lossScale == Math.scalb(1.0, Math.getExponent(lossScale));
    if (!power) {
      throw new InvalidInputException(
          "loss-scale must be a power of two between 1 and 2^%s, got %s; set --loss-scale, such as 2^16"
              .formatted(LARGEST_EXPONENT, lossScale));
    }
    if (lossScaleWindow < 1) {
      throw new InvalidInputException(
          "loss-scale-window must be >= 1, got %s; set --loss-scale-window"
              .formatted(lossScaleWindow));
    }
    if (baselineSteps < 0 || (baselineSteps > 0 && !policy.mixed())) {
      throw new InvalidInputException(
          "measure-baseline must be >= 0, and 0 with precision float32, got %s with %s; set --measure-baseline"
              .formatted(baselineSteps, policy.label()));
    }
  }

  static PrecisionConfig of(Settings settings) {
    return new PrecisionConfig(
        Precision.named(settings.text(Setting.PRECISION)),
        settings.real(Setting.LOSS_SCALE),
        settings.integer(Setting.LOSS_SCALE_WINDOW),
        settings.integer(Setting.MEASURE_BASELINE));
  }

  void putInto(Map<String, Object> values) {
    values.put(Setting.PRECISION.key(), policy.label());
    values.put(Setting.MEASURE_BASELINE.key(), baselineSteps);
    values.put(Setting.LOSS_SCALE.key(), lossScale);
    values.put(Setting.LOSS_SCALE_WINDOW.key(), lossScaleWindow);
  }
}
