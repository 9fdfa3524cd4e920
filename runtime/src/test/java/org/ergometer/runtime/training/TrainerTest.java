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
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainerTest {

  private static final TokenSequence TOKENS = TokenSequence.of(IntStream.range(0, 100).toArray());
  private static final int BATCH = 2;
  private static final int CONTEXT = 4;

  private final List<TrainingStep> steps = new ArrayList<>();
  private boolean skips;
  private int lost = 1;
  private long nanos;
  private long flops;

  /** Takes half a second and 10 FLOPs a step; its loss is 10 divided by the step's number. */
  private final class FakeModel implements Trainable {

    private int fitted;

    @Override
    public Fitted fit(Supplier<TokenBatch> batches, int accumulated) {
      fitted++;
      assertThat(batches.get().tokens()).isEqualTo(BATCH * CONTEXT);
      nanos += 500_000_000L;
      flops += 10;
      boolean finite = fitted < 13 || fitted >= 13 + lost;
      double norm = finite ? 3 : Double.POSITIVE_INFINITY;
      return new Fitted(10.0 / fitted, 0.1 * fitted, norm, finite);
    }

    @Override
    public double evaluate(TokenBatch batch) {
      nanos += 7;
      flops += 1000;
      return fitted;
    }
  }

  @Test
  void tellsWhatEachStepDid() throws IOException {
    assertThat(trainer(this::counted).run(2, 10, () -> false, List.of(steps::add))).isTrue();

    // 2 windows of 4 tokens; half a second; evaluation after the last step, in neither figure
    assertThat(steps)
        .containsExactly(
            new TrainingStep(1, 10, 0.1, 3, true, 0.5, 8, null, BigInteger.TEN),
            new TrainingStep(2, 5, 0.2, 3, true, 0.5, 8, 2.0, BigInteger.TEN));
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
  void endsWhenTheGradientIsNoNumber() {
    assertThatExceptionOfType(TrainingException.class)
        .isThrownBy(() -> trainer(this::counted).run(20, 100, () -> false, List.of(steps::add)))
        .withMessageStartingWith("the gradient's norm is Infinity and the loss 0.76")
        .withMessageEndingWith(
            " at step 13: training has diverged; lower --learning-rate, raise --warmup, or set --divergence skip");
    assertThat(steps).hasSize(13);
  }

  @Test
  void skipsWhatItIsToldToSkip() throws IOException {
    skips = true;
    lost = 2;
    trainer(this::counted).run(20, 100, () -> false, List.of(steps::add));
    assertThat(steps)
        .filteredOn(step -> !step.applied())
        .extracting(TrainingStep::number)
        .containsExactly(13, 14);
    assertThat(steps).hasSize(20);
  }

  @Test
  void doesNotSkipForever() {
    skips = true;
    lost = 101;
    assertThatExceptionOfType(TrainingException.class)
        .isThrownBy(() -> trainer(this::counted).run(200, 1000, () -> false, List.of(steps::add)))
        .withMessageContaining("at step 113: training has diverged");
  }

  private Trainer trainer(Supplier<@Nullable BigInteger> counted) {
    return new Trainer(
        new FakeModel(),
        new TokenBatches(TOKENS, BATCH, CONTEXT, WindowOrder.RANDOM, 1),
        1,
        new EvaluationSet(TOKENS, BATCH, BATCH, CONTEXT),
        skips,
        counted,
        () -> nanos);
  }

  private BigInteger counted() {
    return BigInteger.valueOf(flops);
  }
}
