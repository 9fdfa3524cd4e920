package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.ergometer.runtime.checkpoint.TrainingState.Best;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {

  @Test
  void endsAfterSoManyEvaluationsWithoutALowerLoss() {
    EarlyStopping stopping = new EarlyStopping(2, 10, 0, null);
    evaluate(stopping, 10, 3.0);
    evaluate(stopping, 20, 3.5);
    evaluate(stopping, 25, null);
    evaluate(stopping, 30, 2.5);
    evaluate(stopping, 40, 2.5);
    assertThat(stopping.exhausted()).isFalse();
    evaluate(stopping, 50, 2.75);
    assertThat(stopping.exhausted()).isTrue();
    assertThat(stopping.reason())
        .isEqualTo(
            "no lower loss on held-out text in 2 evaluations; the lowest was 2.5000 nats after step 30");
  }

  @Test
  void goesOnWhereAnotherProcessWas() {
    EarlyStopping stopping = new EarlyStopping(3, 10, 45, new Best(20, 2.5));
    evaluate(stopping, 50, 2.75);
    assertThat(stopping.exhausted()).isTrue();
  }

  @Test
  void neverEndsWithoutALimit() {
    EarlyStopping stopping = new EarlyStopping(null, 1, 0, null);
    for (int step = 1; step < 100; step++) {
      evaluate(stopping, step, (double) step);
    }
    assertThat(stopping.exhausted()).isFalse();
  }

  private static void evaluate(EarlyStopping stopping, int step, @Nullable Double loss) {
    stopping.stepDone(new TrainingStep(step, 2, 0.1, 1, true, 0.5, 8, loss, null));
  }
}
