package org.ergometer.runtime.telemetry;

import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.TokenWork;
import org.ergometer.accounting.utilization.Utilization;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/** Tells the metrics how much of the peak the last steps used, a mean over about fifty of them. */
public final class UtilizationFeed implements TrainingObserver {

  private static final int SMOOTHING_STEPS = 50;
  private static final int DEVICES = 1;

  private final TrainingProgress progress;
  private final Peak peak;
  private final TokenWork work;
  private double secondsPerToken;
  private int steps;

  public UtilizationFeed(TrainingProgress progress, Peak peak, TokenWork work) {
    this.progress = progress;
    this.peak = peak;
    this.work = work;
    progress.peak(peak);
  }

  @Override
  public void stepDone(TrainingStep step) {
    steps = Math.min(steps + 1, SMOOTHING_STEPS);
    secondsPerToken += (step.seconds() / step.tokens() - secondsPerToken) / steps;
    if (secondsPerToken > 0) {
      progress.utilized(Utilization.of(1 / secondsPerToken, work, DEVICES, peak));
    }
  }
}
