package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainingTotalsTest {

  private final TrainingTotals totals = new TrainingTotals();

  @Test
  void knowsNothingBeforeTheFirstStep() {
    assertThat(totals.steps()).isZero();
    assertThat(totals.loss()).isNull();
    assertThat(totals.validationLoss()).isNull();
    assertThat(totals.medianStepSeconds()).isNaN();
    assertThat(totals.tokensPerSecond()).isNaN();
  }

  @Test
  void addsUpSteps() {
    step(1, 5, 1.0, null);
    step(2, 4, 4.0, 4.5);
    step(3, 3, 1.5, null);
    step(4, 2, 1.5, null);

    assertThat(totals.steps()).isEqualTo(4);
    assertThat(totals.tokens()).isEqualTo(4 * 100);
    assertThat(totals.loss()).isEqualTo(2);
    assertThat(totals.validationLoss()).isEqualTo(4.5);
    // sorted: 1, 1.5, 1.5, 4
    assertThat(totals.medianStepSeconds()).isEqualTo((1.5 + 1.5) / 2);
    assertThat(totals.tokensPerSecond()).isEqualTo(400 / (1 + 4 + 1.5 + 1.5));
  }

  @Test
  void keepsAnyNumberOfSteps() {
    for (int number = 1; number <= 999; number++) {
      step(number, 1, number, null);
    }

    assertThat(totals.medianStepSeconds()).isEqualTo((1 + 999) / 2.0);
  }

  private void step(int number, double loss, double seconds, @Nullable Double validation) {
    totals.stepDone(new TrainingStep(number, loss, 0, 0, true, seconds, 100, validation, null));
  }
}
