package org.ergometer.runtime.training;

import java.util.function.Supplier;
import org.ergometer.accounting.ledger.LedgerSnapshot;

/**
 * Ends a run that executed an op which cannot be counted: looks after the first step, which has all
 * ops of training, and after each evaluation.
 */
public final class StrictAccounting implements TrainingObserver {

  private final Supplier<LedgerSnapshot> counted;

  public StrictAccounting(Supplier<LedgerSnapshot> counted) {
    this.counted = counted;
  }

  @Override
  public void stepDone(TrainingStep step) {
    if (step.number() == 1 || step.validationLoss() != null) {
      check("step " + step.number());
    }
  }

  /**
   * Looks now.
   *
   * @throws LimitException if something was not counted
   */
  public void check(String moment) {
    LedgerSnapshot snapshot = counted.get();
    if (!snapshot.unaccounted().isEmpty()) {
      throw new LimitException(
          "strict accounting: %s executed ops without a formula, %s; register one or leave out --strict-accounting"
              .formatted(moment, snapshot.unaccounted()));
    }
    if (snapshot.accountingErrors() > 0) {
      throw new LimitException(
          "strict accounting: %s ops or kinds of calls until %s could not be counted, see the log; leave out --strict-accounting to go on"
              .formatted(snapshot.accountingErrors(), moment));
    }
  }

  /** A limit that the user set was reached. */
  public static final class LimitException extends RuntimeException {

    LimitException(String message) {
      super(message);
    }
  }
}
