package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  private final StringWriter text = new StringWriter();
  private long nanos;

  @Test
  void showsALineNowAndThenWhereNothingCanBeRewritten() {
    ProgressLine line = new ProgressLine(new PrintWriter(text), false, 40, () -> nanos);
    for (int number = 1; number <= 40; number++) {
      line.stepDone(step(number, number == 40 ? 1.5 : null));
    }
    line.end();

    // the first step, and every second one of 40: 20 in all and the first
    assertThat(text.toString().lines()).hasSize(1 + 20);
    assertThat(text.toString().lines())
        .first()
        .isEqualTo("step 1/40  loss 2.000  1.536 ktok/s  8.000 GFLOP/s  ETA 0:20");
    assertThat(text.toString().lines())
        .last()
        .isEqualTo("step 40/40  loss 2.000  val 1.500  1.536 ktok/s  8.000 GFLOP/s  ETA 0:00");
  }

  @Test
  void rewritesOneLineOnATerminalAtMostTenTimesASecond() {
    ProgressLine line = new ProgressLine(new PrintWriter(text), true, 1000, () -> nanos);
    for (int number = 1; number <= 100; number++) {
      line.stepDone(step(number, null));
      nanos += 10_000_000L;
    }
    line.end();

    // 100 steps of 10 ms are a second, hence 10 times
    assertThat(text.toString().split("\r", -1)).hasSize(1 + 10);
    assertThat(text.toString().lines().filter(part -> !part.isEmpty())).hasSize(10);
    assertThat(text.toString()).endsWith(System.lineSeparator()).doesNotContain("\u001B");
  }

  @Test
  void staysWithinEightyColumns() {
    ProgressLine line = new ProgressLine(new PrintWriter(text), false, 1_000_000_000, () -> nanos);

    line.stepDone(
        new TrainingStep(
            1, 12345.678, 1, 1, true, 1234.5, 999_999, 12345.678, BigInteger.TEN.pow(20)));

    assertThat(text.toString().lines()).allSatisfy(part -> assertThat(part).hasSizeLessThan(80));
  }

  /** Half a second, 768 tokens, 4 GFLOPs. */
  private static TrainingStep step(int number, @Nullable Double validationLoss) {
    return new TrainingStep(
        number, 2, 0.1, 1, true, 0.5, 768, validationLoss, BigInteger.valueOf(4_000_000_000L));
  }
}
