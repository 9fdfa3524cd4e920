package org.ergometer.runtime.training;

import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.runtime.checkpoint.Work;

/** Counts what this process does of a run; written and read by the thread that trains. */
public final class WorkCount implements TrainingObserver {

  private final int context;
  private final long evaluatedAtOnce;
  private final int accumulate;
  private final double maximumNorm;
  private Work done = Work.NONE;

  /**
   * Nothing yet.
   *
   * @param context tokens in a window
   * @param evaluatedAtOnce windows of one evaluation
   * @param accumulate batches in a step
   * @param clip norm above which a gradient is scaled; 0 for none
   */
  public WorkCount(int context, long evaluatedAtOnce, int accumulate, double clip) {
    this.context = context;
    this.evaluatedAtOnce = evaluatedAtOnce;
    this.accumulate = accumulate;
    this.maximumNorm = clip == 0 ? Double.POSITIVE_INFINITY : clip;
  }

  @Override
  public void stepDone(TrainingStep step) {
    long evaluated = step.validationLoss() == null ? 0 : evaluatedAtOnce;
    long sequences = step.tokens() / context;
    done =
        done.plus(
            new Work(
                1,
                sequences,
                step.applied() ? 0 : sequences,
                evaluated,
                DecodingWork.NONE,
                step.applied() && step.gradientNorm() > maximumNorm ? 1 : 0,
                accumulate > 1 ? accumulate : 0));
  }

  /** Notes text that the model wrote. */
  public void sampled(DecodingWork work) {
    done = done.plus(new Work(0, 0, 0, 0, work, 0, 0));
  }

  public Work done() {
    return done;
  }
}
