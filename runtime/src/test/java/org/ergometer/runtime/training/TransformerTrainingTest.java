package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.predict.UpdateWork;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.models.transformer.GlobalNormClipping;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.checkpoint.ModelState;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TransformerTrainingTest {

  private static final int CONTEXT = 8;
  private static final double CLIP = 0.5;
  private static final TokenSequence TOKENS =
      TokenSequence.of(new Random(3).ints(500, 0, 20).toArray());

  @Test
  void accumulatedBatchesAreOneBigBatch() {
    try (TransformerTraining big = training();
        TransformerTraining small = training()) {
      TokenBatches twelve = new TokenBatches(TOKENS, 12, CONTEXT, WindowOrder.RANDOM, 1);
      TokenBatches four = new TokenBatches(TOKENS, 4, CONTEXT, WindowOrder.RANDOM, 1);
      for (int step = 0; step < 5; step++) {
        Trainable.Fitted all = big.fit(twelve::next, 1);
        Trainable.Fitted parts = small.fit(four::next, 3);
        assertThat(parts.loss()).isCloseTo(all.loss(), within(1e-5));
        assertThat(parts.gradientNorm()).isCloseTo(all.gradientNorm(), within(1e-5));
        assertThat(parts.learningRate()).isEqualTo(all.learningRate());
      }
      INDArray difference = big.graph().params().sub(small.graph().params());
      assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-4);
    }
  }

  /** Native code would look beyond the embedding. */
  @Test
  void anIdBeyondTheVocabularyIsRefused() {
    try (TransformerTraining training = training()) {
      int rows = Transformer.shape(training.graph()).vocabulary();
      for (int wrong : new int[] {rows, Integer.MAX_VALUE, -1}) {
        int[] tokens = new int[CONTEXT + 1];
        tokens[CONTEXT] = wrong; // the last target
        TokenBatches batches =
            new TokenBatches(TokenSequence.of(tokens), 1, CONTEXT, WindowOrder.RANDOM, 1);
        String message =
            "token must be below the model's vocabulary of %d, got %d; the text was encoded for another model"
                .formatted(rows, wrong);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> training.fit(batches::next, 1))
            .withMessage(message);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> training.evaluate(batches.next()))
            .withMessage(message);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> new TransformerReader(training.graph()).read(0, wrong))
            .withMessage(message);
      }
    }
  }

  @Test
  void aGradientThatIsNoNumberChangesNothing() {
    try (TransformerTraining training = training()) {
      TokenBatches batches = new TokenBatches(TOKENS, 4, CONTEXT, WindowOrder.RANDOM, 1);
      training.fit(batches::next, 1);
      INDArray parameters = training.graph().params();
      float first = parameters.getFloat(0);
      parameters.putScalar(0, Float.NaN);
      INDArray before = parameters.dup();
      INDArray state = training.graph().getUpdater().getStateViewArray().dup();

      Trainable.Fitted lost = training.fit(batches::next, 1);

      assertThat(lost.applied()).isFalse();
      assertThat(lost.gradientNorm()).isNaN();
      parameters.putScalar(0, first);
      assertThat(parameters).isEqualTo(before.putScalar(0, first));
      assertThat(training.graph().getUpdater().getStateViewArray()).isEqualTo(state);
      assertThat(training.fit(batches::next, 1).applied()).isTrue();
    }
  }

  /** Whatever executes the update: parameters, state and counted FLOPs are those of DL4J's own. */
  @Test
  void anUpdateIsThatOfTheGraphsOwnUpdater() {
    Ledger ledger = new Ledger();
    Ledger own = new Ledger();
    try (TransformerTraining training = training();
        TransformerTraining other = training()) {
      TokenBatches batches = new TokenBatches(TOKENS, 4, CONTEXT, WindowOrder.RANDOM, 1);
      ComputationGraph graph = other.graph();
      for (int step = 0; step < 3; step++) {
        TokenBatch batch = batches.next();
        try (Accounting accounting = Accounting.start(ledger)) {
          assertThat(accounting).isNotNull();
          training.fit(() -> batch, 1);
        }
        graph.setInputs(batch.inputs());
        graph.setLabels(batch.targets());
        graph.computeGradientAndScore();
        try (Accounting accounting = Accounting.start(own)) {
          assertThat(accounting).isNotNull();
          updateByHand(graph, step);
        }
      }
      assertThat(training.graph().params().equalsWithEps(graph.params(), 1e-6)).isTrue();
      assertThat(
              training
                  .graph()
                  .getUpdater()
                  .getStateViewArray()
                  .equalsWithEps(graph.getUpdater().getStateViewArray(), 1e-6))
          .isTrue();
    }
    assertThat(updateFlops(ledger)).isEqualTo(updateFlops(own));
  }

  private static void updateByHand(ComputationGraph graph, int step) {
    try (Scope scope = Scope.enter(Phase.UPDATE)) {
      assertThat(scope).isNotNull();
      INDArray gradient = graph.getFlattenedGradients();
      new GlobalNormClipping(CLIP).clip(gradient);
      graph
          .getUpdater()
          .update(graph.gradient(), step, 0, graph.batchSize(), LayerWorkspaceMgr.noWorkspaces());
      graph.params().subi(gradient.reshape(graph.params().shape()));
    }
  }

  /** e ← d · e + (1 − d) · p in double, d being (1 + t) / (10 + t) until it is 0.2. */
  @Test
  void theAverageIsEvaluatedAndTheParametersAreTrained() {
    Ledger ledger = new Ledger();
    try (TransformerTraining plain = training();
        TransformerTraining averaging = training(Setting.AVERAGE_DECAY, "0.2")) {
      TokenBatches batches = new TokenBatches(TOKENS, 4, CONTEXT, WindowOrder.RANDOM, 1);
      INDArray expected = plain.graph().params().castTo(DataType.DOUBLE);
      for (int step = 0; step < 5; step++) {
        TokenBatch batch = batches.next();
        plain.fit(() -> batch, 1);
        try (Accounting accounting = Accounting.start(ledger)) {
          assertThat(accounting).isNotNull();
          averaging.fit(() -> batch, 1);
        }
        double decay = Math.min(0.2, (1.0 + step) / (10 + step));
        INDArray parameters = plain.graph().params();
        expected = expected.mul(decay).add(parameters.castTo(DataType.DOUBLE).mul(1 - decay));

        double loss = averaging.evaluate(batch);

        ModelState state = averaging.state();
        INDArray average = Objects.requireNonNull(state.average());
        assertThat(state.parameters()).isEqualTo(parameters);
        assertThat(maximum(average.castTo(DataType.DOUBLE).sub(expected))).isLessThan(1e-6);
        assertThat(averaging.graph().params()).isEqualTo(average);
        assertThat(loss).isNotEqualTo(plain.evaluate(batch));
      }
      UpdateWork work = new UpdateWork(11, true, false, true, 0);
      // the scale of a clipped gradient is not in the closed form
      BigInteger length = BigInteger.valueOf(plain.graph().numParams());
      BigInteger predicted = work.flops(shape()).multiply(BigInteger.valueOf(5));
      assertThat(updateFlops(ledger).subtract(predicted).mod(length)).isZero();
      assertThat(updateFlops(ledger).subtract(predicted))
          .isBetween(BigInteger.ZERO, length.multiply(BigInteger.valueOf(5)));
    }
  }

  private static double maximum(INDArray difference) {
    return difference.amaxNumber().doubleValue();
  }

  private static BigInteger updateFlops(Ledger ledger) {
    return ledger.snapshot().where(entry -> entry.phase() == Phase.UPDATE).flops();
  }

  private static TransformerShape shape() {
    return config(Setting.SEED, "1").model().shape(20);
  }

  private static TransformerTraining training() {
    return training(Setting.SEED, "1337");
  }

  private static TransformerTraining training(Setting setting, String value) {
    TrainConfig config = config(setting, value);
    return TransformerTraining.create(shape(), config.optimizer(), config.loop());
  }

  private static TrainConfig config(Setting setting, String value) {
    return TrainConfig.of(
        Settings.standard()
            .over(
                Map.of(
                    Setting.LAYERS,
                    List.of("2"),
                    Setting.WIDTH,
                    List.of("16"),
                    Setting.HEADS,
                    List.of("2"),
                    Setting.CONTEXT,
                    List.of("8"),
                    Setting.CLIP,
                    List.of(Double.toString(CLIP)),
                    Setting.STEPS,
                    List.of("20"),
                    setting,
                    List.of(value))));
  }
}
