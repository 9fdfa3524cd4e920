package org.ergometer.runtime.training;

import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.runtime.checkpoint.Work;

/** Counts what this process does of a run; written and read by the thread that trains. */
public final class WorkCount implements TrainingObserver {

  private final int context;
  private final long evaluatedAtOnce;
  private Work done = Work.NONE;

  /**
   * Nothing yet.
   *
   * @param context tokens in a window
   * @param evaluatedAtOnce windows of one evaluation
   */
  public WorkCount(int context, long evaluatedAtOnce) {
    this.context = context;
    this.evaluatedAtOnce = evaluatedAtOnce;
  }

  @Override
  public void stepDone(TrainingStep step) {
    long evaluated = step.validationLoss() == null ? 0 : evaluatedAtOnce;
    long sequences = step.tokens() / context;
    done =
        done.plus(
            new Work(1, sequences, step.applied() ? 0 : sequences, evaluated, DecodingWork.NONE));
  }

  /** Notes text that the model wrote. */
  public void sampled(DecodingWork work) {
    done = done.plus(new Work(0, 0, 0, 0, work));
  }

  public Work done() {
    return done;
  }
}
