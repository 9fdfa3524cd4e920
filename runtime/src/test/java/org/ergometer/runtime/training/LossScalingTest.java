package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.config.PrecisionConfig;
import org.junit.jupiter.api.Test;

class LossScalingTest {

  private static final PrecisionConfig CONFIG =
      new PrecisionConfig(Precision.MIXED_FLOAT16, 8, 3, 0);

  @Test
  void halvesAtAnOverflowAndNeverFallsBelowOne() {
    LossScaling scaling = new LossScaling(CONFIG, null);
    for (double expected : new double[] {8, 4, 2, 1, 1}) {
      assertThat(scaling.scale()).isEqualTo(expected);
      scaling.stepDone(false);
    }
  }

  @Test
  void doublesAfterAsManyGoodStepsOneAfterTheOther() {
    LossScaling scaling = new LossScaling(CONFIG, null);
    boolean[] finite = {true, true, false, true, true, true, true, true, true};
    double[] scales = {8, 8, 4, 4, 4, 8, 8, 8, 16};
    for (int step = 0; step < finite.length; step++) {
      scaling.stepDone(finite[step]);
      assertThat(scaling.scale()).as("after step " + step).isEqualTo(scales[step]);
    }
  }

  @Test
  void goesOnInTheMiddleOfItsWindow() {
    LossScaling whole = new LossScaling(CONFIG, null);
    whole.stepDone(false);
    whole.stepDone(true);
    whole.stepDone(true);
    LossScaling restored = new LossScaling(CONFIG, whole.state());
    restored.stepDone(true);
    assertThat(restored.scale()).isEqualTo(8);
  }

  @Test
  void isThereForFloat16Alone() {
    assertThat(LossScaling.of(new PrecisionConfig(Precision.MIXED_BFLOAT16, 8, 3, 0), null))
        .isNull();
    assertThat(LossScaling.of(CONFIG, null)).isNotNull();
  }
}
