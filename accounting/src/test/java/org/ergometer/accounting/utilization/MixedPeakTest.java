package org.ergometer.accounting.utilization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MixedPeakTest {

  private static final TokenWork WORK = new TokenWork(600, 200, 0);

  /** 600 FLOPs at 300 and 200 at 100 FLOP/s take 4 s; all at 100 take 8 s. */
  @Test
  void eachPartTakesAsLongAsAtItsPeak() {
    MixedPeak peak = mixed(300, 100);
    assertThat(peak.of(WORK).flopsPerSecond()).isCloseTo(200, within(1e-9));
    assertThat(peak.attainableSpeedUp(WORK)).isCloseTo(2, within(1e-12));
    double tokensPerSecond = 0.25;
    assertThat(Utilization.of(tokensPerSecond, WORK, 1, peak.of(WORK)).mfu())
        .isCloseTo(1, within(1e-12));
  }

  @Test
  void aSlowerTypeSlowsDown() {
    assertThat(mixed(50, 100).attainableSpeedUp(WORK)).isCloseTo(8.0 / 14, within(1e-12));
  }

  @Test
  void equalPeaksAreThePeak() {
    assertThat(mixed(100, 100).of(WORK).flopsPerSecond()).isCloseTo(100, within(1e-9));
    assertThat(mixed(100, 100).attainableSpeedUp(WORK)).isEqualTo(1);
  }

  private static MixedPeak mixed(double parameters, double others) {
    return new MixedPeak(
        new Peak(parameters, MatrixType.BFLOAT16, Peak.Origin.MEASURED, "one"),
        new Peak(others, MatrixType.FLOAT32, Peak.Origin.MEASURED, "other"));
  }
}
