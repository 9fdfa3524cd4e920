package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.runtime.training.TrainingStep;
import org.junit.jupiter.api.Test;

class PhaseTimerTest {

  private static final TrainingStep STEP =
      new TrainingStep(1, 2.5, 0.1, 1.5, true, 0.5, 8, null, null);

  private final TrainingProgress progress = new TrainingProgress();
  private final RunMetrics metrics = new RunMetrics(new Ledger(), progress);
  private long now;

  /** Seconds: forward 1 to 3 and 4 to 5, evaluation 3 to 4, update 5 to 9. */
  @Test
  void addsUpAPhasesTimesOfAStep() {
    try (PhaseTimer timer = new PhaseTimer(progress, () -> now * 1_000_000_000)) {
      now = 1;
      try (Scope forward = Scope.enter(Phase.FORWARD)) {
        now = 3;
        try (Scope evaluation = Scope.enter(Phase.EVALUATION)) {
          now = 4;
        }
        now = 5;
        Scope.switchTo(Phase.UPDATE);
        now = 9;
      }
      timer.stepDone(STEP);
      timer.stepDone(STEP);
    }

    assertThat(metrics.scrape("text/plain; version=0.0.4; charset=utf-8"))
        .contains(
            "ergometer_phase_duration_seconds_sum{phase=\"forward\"} 3.0",
            "ergometer_phase_duration_seconds_count{phase=\"forward\"} 1",
            "ergometer_phase_duration_seconds_sum{phase=\"evaluation\"} 1.0",
            "ergometer_phase_duration_seconds_sum{phase=\"update\"} 4.0")
        .doesNotContain("phase_duration_seconds_sum{phase=\"other\"}");
  }
}
