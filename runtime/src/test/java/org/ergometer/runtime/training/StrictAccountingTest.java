package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.util.List;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.runtime.training.StrictAccounting.LimitException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StrictAccountingTest {

  private static final LedgerSnapshot UNKNOWN_OP =
      new LedgerSnapshot(
          List.of(
              new LedgerEntry(
                  "none",
                  Phase.FORWARD,
                  OpFamily.CUSTOM,
                  "mystery",
                  OpClass.UNACCOUNTED,
                  ElementType.FLOAT32,
                  3,
                  BigInteger.ZERO,
                  BigInteger.ONE,
                  BigInteger.ONE)),
          0);

  @Test
  void endsARunThatExecutedAnUnknownOp() {
    StrictAccounting strict = new StrictAccounting(() -> UNKNOWN_OP);

    assertThatExceptionOfType(LimitException.class)
        .isThrownBy(() -> strict.stepDone(step(1, null)))
        .withMessage(
            "strict accounting: step 1 executed ops without a formula, {mystery=3};"
                + " register one or leave out --strict-accounting");
    assertThatExceptionOfType(LimitException.class).isThrownBy(() -> strict.stepDone(step(7, 2.5)));
    assertThatCode(() -> strict.stepDone(step(7, null))).doesNotThrowAnyException();
  }

  @Test
  void endsARunWhoseOpsCouldNotBeBooked() {
    StrictAccounting strict = new StrictAccounting(() -> new LedgerSnapshot(List.of(), 2));

    assertThatExceptionOfType(LimitException.class)
        .isThrownBy(() -> strict.stepDone(step(1, null)))
        .withMessageStartingWith(
            "strict accounting: 2 ops or kinds of calls until step 1 could not be counted");
  }

  @Test
  void letsARunGoOnThatIsCountedCompletely() {
    StrictAccounting strict = new StrictAccounting(() -> new LedgerSnapshot(List.of(), 0));

    assertThatCode(() -> strict.stepDone(step(1, 2.5))).doesNotThrowAnyException();
  }

  private static TrainingStep step(int number, @Nullable Double validationLoss) {
    return new TrainingStep(number, 2, 0.1, 1, true, 0.5, 768, validationLoss, null);
  }
}
