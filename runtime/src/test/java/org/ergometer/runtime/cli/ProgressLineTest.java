package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.OptionalDouble;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  /** Without wrapping at the right side, and with nothing left behind it of the line before. */
  private static final String REWRITTEN = "\u001B\\[\\?7l(.*)\u001B\\[K\u001B\\[\\?7h";

  private final StringWriter text = new StringWriter();
  private long nanos;
  private OptionalDouble watts = OptionalDouble.empty();
  private int skipped;

  @Test
  void showsALineNowAndThenWhereNothingCanBeRewritten() {
    ProgressLine line = line(false, 40);
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
    ProgressLine line = line(true, 1000);
    for (int number = 1; number <= 100; number++) {
      line.stepDone(step(number, null));
      nanos += 10_000_000L;
    }
    line.end();

    // 100 steps of 10 ms are a second, hence 10 times
    assertThat(text.toString().split("\r", -1)).hasSize(1 + 10);
    assertThat(text.toString().lines().filter(part -> !part.isEmpty())).hasSize(10);
    assertThat(text.toString()).endsWith(System.lineSeparator());
    assertThat(text.toString().split("\r", -1)[10]).matches(REWRITTEN + "\\R");
  }

  @Test
  void staysWithinEightyColumns() {
    ProgressLine line = line(true, 1_000_000_000);

    line.stepDone(
        new TrainingStep(
            1, 12345.678, 1, 1, true, 1234.5, 999_999, 12345.678, BigInteger.TEN.pow(20)));

    assertThat(shown()).hasSizeBetween(60, 79);
  }

  /** 7680 tokens and 40 GFLOP in two seconds of wall clock, at 43 W: one window for all rates. */
  @Test
  void showsPowerAndTheEnergyOfATokenWhereTheyAreKnown() {
    watts = OptionalDouble.of(43);
    ProgressLine plain = line(false, 10);
    stepsOfTwoSeconds(plain, 10);
    assertThat(text.toString().lines().skip(8))
        .containsExactly(
            "step 9/10  loss 2.000  val 1.500  1.536 ktok/s  8.000 GFLOP/s  ETA 0:01",
            "step 10/10  loss 2.000  val 1.500  3.840 ktok/s  20.00 GFLOP/s  43 W  11 mJ/tok"
                + "  ETA 0:00");

    ProgressLine terminal = line(true, 10);
    stepsOfTwoSeconds(terminal, 9);
    text.getBuffer().setLength(0);
    nanos += 200_000_000L;
    terminal.stepDone(step(10, 1.5));
    assertThat(shown())
        .isEqualTo("10/10 loss 2.000 val 1.500 3.840 ktok/s 20.00 GFLOP/s 43 W 11 mJ/tok ETA 0:00");
  }

  private void stepsOfTwoSeconds(ProgressLine line, int steps) {
    for (int number = 1; number <= steps; number++) {
      nanos += 200_000_000L;
      line.stepDone(step(number, 1.5));
    }
  }

  /** A counter that is renewed every ten seconds is of those ten, and never of none. */
  @Test
  void waitsForASampleBeforeItTellsPower() {
    ProgressLine plain = line(false, 20);
    for (int number = 1; number <= 20; number++) {
      nanos += 500_000_000L;
      watts = number == 20 ? OptionalDouble.of(43) : OptionalDouble.empty();
      plain.stepDone(step(number, null));
    }

    // 20 steps of 768 tokens in 10 seconds
    assertThat(text.toString().lines().skip(18))
        .containsExactly(
            "step 19/20  loss 2.000  1.536 ktok/s  8.000 GFLOP/s  ETA 0:01",
            "step 20/20  loss 2.000  1.536 ktok/s  8.000 GFLOP/s  43 W  28 mJ/tok  ETA 0:00");
  }

  @Test
  void showsTheUtilizationAndLeavesOutTheValidationLossWhereColumnsAreFew() {
    ProgressLine plain = line(false, 10);
    plain.utilization(tokensPerSecond -> tokensPerSecond / 3072);
    plain.stepDone(step(10, 1.5));
    assertThat(text.toString().strip())
        .isEqualTo(
            "step 10/10  loss 2.000  val 1.500  1.536 ktok/s  8.000 GFLOP/s  MFU 50%  ETA 0:00");

    text.getBuffer().setLength(0);
    ProgressLine terminal = line(true, 10_000_000);
    terminal.utilization(tokensPerSecond -> tokensPerSecond / 3072);
    terminal.stepDone(step(9_999_999, 1.5));
    assertThat(shown())
        .isEqualTo("9999999/10000000 loss 2.000 1.536 ktok/s 8.000 GFLOP/s MFU 50% ETA 0:01")
        .hasSizeLessThan(80);
  }

  @Test
  void saysHowManyStepsWereSkipped() {
    skipped = 3;
    line(false, 10).stepDone(step(10, null));

    assertThat(text.toString()).contains("GFLOP/s  3 skipped  ETA 0:00");
  }

  /** The line as a terminal shows it, which has been written once. */
  private String shown() {
    assertThat(text.toString()).matches("\r" + REWRITTEN);
    return text.toString().replaceAll("\r" + REWRITTEN, "$1");
  }

  private ProgressLine line(boolean terminal, int steps) {
    return new ProgressLine(
        new PrintWriter(text), terminal, 80, steps, () -> skipped, () -> watts, () -> nanos);
  }

  /** Half a second, 768 tokens, 4 GFLOPs. */
  private static TrainingStep step(int number, @Nullable Double validationLoss) {
    return new TrainingStep(
        number, 2, 0.1, 1, true, 0.5, 768, validationLoss, BigInteger.valueOf(4_000_000_000L));
  }
}
