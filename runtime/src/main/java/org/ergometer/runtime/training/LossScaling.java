package org.ergometer.runtime.training;

import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.config.PrecisionConfig;
import org.jspecify.annotations.Nullable;

/**
 * The factor that keeps gradients within float16 (Micikevicius et al. 2018, section 3.2): where one
 * is no finite number it halves, and after so many steps without that it doubles.
 */
public final class LossScaling {

  /** Below, small gradients would be lost that were not without it. */
  public static final double FLOOR = 1;

  private static final double STEP = 2;

  private final int window;
  private double scale;
  private int goodSteps;

  /**
   * A factor that changes with the steps.
   *
   * @param earlier where another process left it; null at the start
   */
  public LossScaling(PrecisionConfig config, TrainingState.@Nullable Scaling earlier) {
    this.window = config.lossScaleWindow();
    this.scale = earlier == null ? config.lossScale() : earlier.scale();
    this.goodSteps = earlier == null ? 0 : earlier.goodSteps();
  }

  /** That of a configuration; null where its precision scales no loss. */
  public static @Nullable LossScaling of(
      PrecisionConfig config, TrainingState.@Nullable Scaling earlier) {
    return config.policy().lossScaled() ? new LossScaling(config, earlier) : null;
  }

  /** What the loss of the next step is multiplied with. */
  public double scale() {
    return scale;
  }

  /** Notes a step; its gradient was finite or not. */
  public void stepDone(boolean finite) {
    if (!finite) {
      scale = Math.max(FLOOR, scale / STEP);
      goodSteps = 0;
    } else if (++goodSteps == window) {
      scale *= STEP;
      goodSteps = 0;
    }
  }

  /** What another process needs to go on. */
  public TrainingState.Scaling state() {
    return new TrainingState.Scaling(scale, goodSteps);
  }
}
