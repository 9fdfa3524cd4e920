package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.data.TokenBatches;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainerTest {

  private static final int[] TOKENS = IntStream.range(0, 100).toArray();
  private static final int BATCH = 2;
  private static final int CONTEXT = 4;

  private final List<TrainingStep> steps = new ArrayList<>();
  private long nanos;
  private long flops;

  /** Takes half a second and 10 FLOPs a step; its loss is 10 divided by the step's number. */
  private final class FakeModel implements Trainable {

    private int fitted;

    @Override
    public double fit(TokenBatch batch) {
      fitted++;
      nanos += 500_000_000L;
      flops += 10;
      return fitted == 13 ? Double.NaN : 10.0 / fitted;
    }

    @Override
    public double evaluate(TokenBatch batch) {
      nanos += 7;
      flops += 1000;
      return fitted;
    }

    @Override
    public double learningRate() {
      return 0.1 * fitted;
    }

    @Override
    public double gradientNorm() {
      return 3;
    }
  }

  @Test
  void tellsWhatEachStepDid() throws IOException {
    assertThat(trainer(this::counted).run(2, 10, () -> false, List.of(steps::add))).isTrue();

    // 2 windows of 4 tokens; half a second; evaluation after the last step, in neither figure
    assertThat(steps)
        .containsExactly(
            new TrainingStep(1, 10, 0.1, 3, 0.5, 8, null, BigInteger.TEN),
            new TrainingStep(2, 5, 0.2, 3, 0.5, 8, 2.0, BigInteger.TEN));
    assertThat(steps.get(0).tokensPerSecond()).isEqualTo(8 / 0.5);
  }

  @Test
  void evaluatesEverySoManySteps() throws IOException {
    trainer(this::counted).run(7, 3, () -> false, List.of(steps::add));

    assertThat(steps)
        .extracting(TrainingStep::validationLoss)
        .containsExactly(null, null, 3.0, null, null, 6.0, 7.0);
  }

  @Test
  void hasNoFlopsWhileNothingIsCounted() throws IOException {
    trainer(() -> null).run(1, 1, () -> false, List.of(steps::add));

    assertThat(steps).extracting(TrainingStep::flops).containsOnlyNulls();
  }

  @Test
  void stopsBetweenTwoSteps() throws IOException {
    boolean completed =
        trainer(this::counted).run(10, 100, () -> steps.size() == 3, List.of(steps::add));

    assertThat(completed).isFalse();
    assertThat(steps).hasSize(3);
  }

  @Test
  void endsWhenTheLossIsNoNumber() {
    assertThatExceptionOfType(TrainingException.class)
        .isThrownBy(() -> trainer(this::counted).run(20, 100, () -> false, List.of(steps::add)))
        .withMessage(
            "loss is NaN at step 13: training has diverged; lower --learning-rate or raise --warmup");
    assertThat(steps).hasSize(13);
  }

  private Trainer trainer(Supplier<@Nullable BigInteger> counted) {
    return new Trainer(
        new FakeModel(),
        new TokenBatches(TOKENS, BATCH, CONTEXT, 1),
        new EvaluationSet(TOKENS, 1, BATCH, CONTEXT),
        counted,
        () -> nanos);
  }

  private BigInteger counted() {
    return BigInteger.valueOf(flops);
  }
}
