package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.schedule.FixedSchedule;

class OptimizationTest {

  private static final FixedSchedule RATE = new FixedSchedule(1e-3);

  @Test
  void warmsUpLinearlyAndFallsAlongACosine() {
    WarmupCosineSchedule schedule = new WarmupCosineSchedule(1, 0.1, 4, 14);
    // (step + 1) / (4 + 1)
    assertThat(schedule.valueAt(0, 0)).isEqualTo(0.2);
    assertThat(schedule.valueAt(3, 0)).isEqualTo(0.8);
    assertThat(schedule.valueAt(4, 0)).isEqualTo(1);
    // Half way down, 5 of 10 steps: 0.1 + 0.9 · (1 + cos(π/2)) / 2
    assertThat(schedule.valueAt(9, 0)).isCloseTo(0.55, within(1e-15));
    assertThat(schedule.valueAt(14, 0)).isEqualTo(0.1);
    assertThat(schedule.valueAt(1000, 0)).isEqualTo(0.1);
  }

  @Test
  void aScheduleMayBeWarmUpOnlyOrNone() {
    assertThat(new WarmupCosineSchedule(1, 0.1, 4, 4).valueAt(4, 0)).isEqualTo(0.1);
    assertThat(new WarmupCosineSchedule(1, 0.1, 0, 4).valueAt(0, 0)).isEqualTo(1);
  }

  @Test
  void schedulesOfTheSameNumbersAreEqual() {
    assertThat(new WarmupCosineSchedule(1, 0.1, 4, 14))
        .isEqualTo(new WarmupCosineSchedule(1, 0.1, 4, 14).clone())
        .isNotEqualTo(new WarmupCosineSchedule(1, 0.1, 4, 15));
  }

  @Test
  void aScheduleSaysWhatIsWrong() {
    assertThatThrownBy(() -> new WarmupCosineSchedule(0, 0, 1, 2))
        .hasMessage("learning-rate must be > 0 and finite, got 0.0; set --learning-rate");
    assertThatThrownBy(() -> new WarmupCosineSchedule(1, 2, 1, 2))
        .hasMessage(
            "min-learning-rate must be between 0 and learning-rate 1.0, got 2.0; set"
                + " --min-learning-rate");
    assertThatThrownBy(() -> new WarmupCosineSchedule(1, 0, 3, 2))
        .hasMessage("warmup-steps must be between 0 and steps 2, got 3; set --warmup-steps");
  }

  @Test
  void optimizationSaysWhatIsWrong() {
    assertThatThrownBy(() -> new Optimization(RATE, 1, 0.9, 1e-8, 0))
        .hasMessage("beta1 must be >= 0 and < 1, got 1.0; set --beta1");
    assertThatThrownBy(() -> new Optimization(RATE, 0.9, -1, 1e-8, 0))
        .hasMessage("beta2 must be >= 0 and < 1, got -1.0; set --beta2");
    assertThatThrownBy(() -> new Optimization(RATE, 0.9, 0.9, 0, 0))
        .hasMessage("epsilon must be > 0, got 0.0; set --epsilon");
    assertThatThrownBy(() -> new Optimization(RATE, 0.9, 0.9, 1e-8, -0.1))
        .hasMessage("weight-decay must be >= 0, got -0.1; set --weight-decay");
  }
}
