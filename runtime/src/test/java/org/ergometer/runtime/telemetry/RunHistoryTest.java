package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.ergometer.runtime.training.TrainingStep;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunHistoryTest {

  private static final int LOSS = RunHistory.COLUMNS.indexOf("loss");
  private static final int TOKENS_PER_SECOND = RunHistory.COLUMNS.indexOf("tokens_per_second");

  private final RunHistory history = new RunHistory(4);
  private double joules;
  private long nanos;

  @Test
  void aStepIsAPointWhileThereAreFew() {
    history.add(step(1, 4, null));
    history.add(step(2, 3, 3.5));

    RunHistory.Part part = history.since(0, 0);

    assertThat(part.complete()).isEqualTo(2);
    assertThat(part.stepsAPoint()).isEqualTo(1);
    // 8 tokens and 16 FLOPs in 2 seconds, 4 joules in 4 seconds
    assertThat(part.rows())
        .containsExactly(
            new @Nullable Double[] {1.0, 4.0, null, 0.1, 2.0, 4.0, 8.0, 1.0, 0.5},
            new @Nullable Double[] {2.0, 3.0, 3.5, 0.1, 2.0, 4.0, 8.0, 1.0, 0.5});
  }

  @Test
  void neighboursBecomeOneWhereThereAreManyAndNothingIsLost() {
    for (int number = 1; number <= 4; number++) {
      history.add(step(number, number, number == 2 ? 9.0 : null));
    }
    RunHistory.Part merged = history.since(0, 3);

    assertThat(merged.mergers()).isEqualTo(1);
    assertThat(merged.from()).as("indices from before are void").isZero();
    assertThat(merged.stepsAPoint()).isEqualTo(2);
    assertThat(merged.rows()).extracting(row -> row[0]).containsExactly(2.0, 4.0);
    assertThat(merged.rows()).extracting(row -> row[LOSS]).containsExactly(1.5, 3.5);
    assertThat(merged.rows()).extracting(row -> row[2]).containsExactly(9.0, null);
    assertThat(merged.rows()).extracting(row -> row[TOKENS_PER_SECOND]).containsExactly(4.0, 4.0);
  }

  @Test
  void staysBoundedForAnyNumberOfSteps() {
    double sum = 0;
    int steps = 1000;
    for (int number = 1; number <= steps; number++) {
      history.add(step(number, number, null));
    }
    RunHistory.Part part = history.since(0, 0);

    assertThat(part.rows()).hasSizeBetween(2, 4);
    // 1000 = 3 points of 256 steps and an open one of 232
    assertThat(part.stepsAPoint()).isEqualTo(256);
    for (@Nullable Double[] row : part.rows().subList(0, 3)) {
      Double loss = row[LOSS];
      sum += loss == null ? 0 : loss * 256;
    }
    assertThat(sum).isEqualTo(768 * 769 / 2.0);
  }

  /** Days of steps in a screen's columns, each of them in one point. */
  @Test
  void aMillionStepsAreAsManyPointsAsAScreenHas() {
    RunHistory days = new RunHistory();
    for (int number = 1; number <= 1_000_000; number++) {
      days.add(step(number, 1, null));
    }
    RunHistory.Part part = days.since(0, 0);

    // 2^10 steps a point, so that 976 points are whole and one has the 576 steps that are left
    assertThat(part.stepsAPoint()).isEqualTo(1024);
    assertThat(part.rows()).hasSize(977);
    assertThat(part.rows()).extracting(row -> row[LOSS]).containsOnly(1.0);
    assertThat(part.rows().get(976)[0]).isEqualTo(1_000_000.0);
  }

  @Test
  void anOpenPointIsShownAndReplacedWhenItIsComplete() {
    for (int number = 1; number <= 5; number++) {
      history.add(step(number, number, null));
    }
    RunHistory.Part open = history.since(1, 2);
    history.add(step(6, 6, null));
    RunHistory.Part complete = history.since(1, open.complete());

    assertThat(open.from()).isEqualTo(2);
    assertThat(open.rows()).extracting(row -> row[0]).containsExactly(5.0);
    assertThat(complete.from()).isEqualTo(2);
    assertThat(complete.rows()).extracting(row -> row[0]).containsExactly(6.0);
    assertThat(complete.rows()).extracting(row -> row[LOSS]).containsExactly(5.5);
  }

  @Test
  void stepsThatAreObservedTakeEnergyAndTimeFromTheMeters() {
    history.meter(() -> OptionalDouble.of(joules), () -> nanos);
    joules = 6;
    nanos = 3_000_000_000L;
    history.stepDone(
        new TrainingStep(1, 2.0, 0.1, 1, true, 0.5, 8, null, BigInteger.valueOf(1000)));

    // 6 joules in 3 seconds and over 8 tokens; 8 tokens and 1000 FLOPs in half a second
    assertThat(history.since(0, 0).rows())
        .containsExactly(
            new @Nullable Double[] {1.0, 2.0, null, 0.1, 1.0, 16.0, 2000.0, 2.0, 0.75});
  }

  @Test
  void joulesAreOfAllStepsSinceThoseBefore() {
    history.add(new RunHistory.Entry(1, 4, null, 0.1, 2, 8, 2, null, null, 3.0));
    history.add(new RunHistory.Entry(2, 4, null, 0.1, 2, 8, 2, null, 12.0, 3.0));

    // 12 joules in 2 steps of 3 seconds and 8 tokens
    assertThat(history.since(0, 0).rows()).extracting(row -> row[7]).containsExactly(null, 2.0);
    assertThat(history.since(0, 0).rows()).extracting(row -> row[8]).containsExactly(null, 0.75);
  }

  /** A sensor that is read each 0.4 s shows 40 J after each second step of 0.3 s, or after one. */
  @Test
  void powerIsOfASpanThatHoldsSeveralSamples() {
    RunHistory metered = new RunHistory(64);
    for (int number = 1; number <= 28; number++) {
      boolean sampled = number * 3 / 4 > (number - 1) * 3 / 4;
      metered.add(
          new RunHistory.Entry(
              number, 4, null, 0.1, 2, 8, 0.3, null, sampled ? (Double) 40.0 : null, 0.3));
    }
    List<@Nullable Double> watts =
        metered.since(0, 0).rows().stream().map(row -> row[7]).filter(Objects::nonNull).toList();

    // 100 W, wherever the samples fall; of single steps they are 67 W and 133 W
    assertThat(watts).hasSizeGreaterThan(2).allMatch(power -> Math.abs(power - 100) < 20);
  }

  @Test
  void pointsAreAnEvenNumber() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RunHistory(3))
        .withMessage("points must be an even number >= 2, got 3; give another");
  }

  private static RunHistory.Entry step(int number, double loss, @Nullable Double validationLoss) {
    return new RunHistory.Entry(number, loss, validationLoss, 0.1, 2, 8, 2, 16.0, 4.0, 4.0);
  }
}
