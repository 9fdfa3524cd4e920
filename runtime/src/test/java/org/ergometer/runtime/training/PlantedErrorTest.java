package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Reconciliation;
import org.ergometer.accounting.reconcile.Reconciliation.Row;
import org.ergometer.models.data.TokenBatch;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.data.TokenSequence;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Work that the trainer should not do, or a form that is wrong, stays in the residual. */
class PlantedErrorTest {

  private static final int CONTEXT = 8;
  private static final int BATCH = 3;
  private static final int STEPS = 2;
  private static final int[] TOKENS = new Random(3).ints(500, 0, 20).toArray();

  private static final TrainConfig CONFIG =
      TrainConfig.of(
          Settings.standard()
              .over(
                  Map.of(
                      Setting.LAYERS, List.of("2"),
                      Setting.WIDTH, List.of("12"),
                      Setting.HEADS, List.of("3"),
                      Setting.CONTEXT, List.of("8"),
                      Setting.STEPS, List.of("20"))));

  private static final TransformerShape SHAPE = CONFIG.model().shape(20);
  private static final MatrixProducts STEP = MatrixProducts.trainingStep(SHAPE, BATCH, CONTEXT);

  /** What is done wrongly before each step. */
  private interface Planted {
    void plant(ComputationGraph graph, TokenBatch batch);
  }

  @Test
  void nothingIsLeftOfASoundStep() {
    assertThat(reconciled((graph, batch) -> {}, STEP).exact()).isTrue();
  }

  /** 3×4 by 4×5 is 120 FLOPs, in a layer that may have products of its own. */
  @Test
  void anExtraProductIsLeft() {
    Reconciliation result =
        reconciled((graph, batch) -> inLayer("block.1.attention", Phase.FORWARD), STEP);

    assertThat(result.residual()).isEqualTo(STEPS * 120);
    assertThat(left(result))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.layer()).isEqualTo("block.1.attention");
              assertThat(row.phase()).isEqualTo(Phase.FORWARD);
            });
  }

  /** Evaluation that nobody says was done, and an optimizer that multiplies matrices. */
  @Test
  void anExtraProductOfAnotherPhaseIsLeft() {
    for (Phase phase : List.of(Phase.EVALUATION, Phase.UPDATE, Phase.OTHER)) {
      Reconciliation result = reconciled((graph, batch) -> inLayer("head", phase), STEP);

      assertThat(result.residual()).as(phase.label()).isEqualTo(STEPS * 120);
      assertThat(left(result)).extracting(Row::phase).containsExactly(phase);
    }
  }

  @Test
  void aGradientThatIsComputedTwiceIsLeft() {
    Reconciliation result =
        reconciled(
            (graph, batch) -> {
              graph.setInputs(batch.inputs());
              graph.setLabels(batch.targets());
              graph.computeGradientAndScore();
            },
            STEP);

    assertThat(result.residual()).isEqualTo(STEP.times(STEPS).flops());
    Map<Phase, BigInteger> phases = STEP.times(STEPS).flopsBy(MatrixProduct::phase);
    for (Phase phase : List.of(Phase.FORWARD, Phase.BACKWARD)) {
      assertThat(
              left(result).stream()
                  .filter(row -> row.phase() == phase)
                  .map(Row::residual)
                  .reduce(BigInteger.ZERO, BigInteger::add))
          .isEqualTo(phases.get(phase));
    }
  }

  /** A network of another width, and a step of another batch. */
  @Test
  void aWrongFormIsLeft() {
    TransformerShape wider = SHAPE.toBuilder().feedForward(SHAPE.feedForward() + 1).build();
    MatrixProducts wrong = MatrixProducts.trainingStep(wider, BATCH, CONTEXT);

    Reconciliation result = reconciled((graph, batch) -> {}, wrong);

    assertThat(result.residual())
        .isEqualTo(STEP.flops().subtract(wrong.flops()).multiply(BigInteger.valueOf(STEPS)));
    assertThat(left(result))
        .extracting(Row::layer)
        .containsOnly("block.0.feed_forward", "block.1.feed_forward");
    assertThat(
            reconciled((graph, batch) -> {}, MatrixProducts.trainingStep(SHAPE, BATCH + 1, CONTEXT))
                .residual())
        .isNegative();
  }

  private static void inLayer(String layer, Phase phase) {
    Scope inPhase = Scope.enter(phase);
    Scope inLayer = Scope.enter(layer);
    try {
      INDArray product = Nd4j.ones(3, 4).mmul(Nd4j.ones(4, 5));
      assertThat(product.shape()).containsExactly(3, 5);
    } finally {
      inLayer.close();
      inPhase.close();
    }
  }

  private static List<Row> left(Reconciliation result) {
    return result.rows().stream().filter(row -> row.residual().signum() != 0).toList();
  }

  private static Reconciliation reconciled(Planted error, MatrixProducts predictedStep) {
    Ledger ledger = new Ledger();
    try (TransformerTraining training =
            TransformerTraining.create(SHAPE, CONFIG.optimizer(), CONFIG.loop());
        Accounting accounting = Accounting.start(ledger)) {
      assertThat(accounting).isNotNull();
      TokenBatches batches =
          new TokenBatches(TokenSequence.of(TOKENS), BATCH, CONTEXT, WindowOrder.RANDOM, 1);
      for (int step = 0; step < STEPS; step++) {
        training.fit(
            () -> {
              TokenBatch batch = batches.next();
              error.plant(training.graph(), batch);
              return batch;
            },
            1);
      }
    }
    return Reconciliation.of(ledger.snapshot(), predictedStep.times(STEPS), List.of());
  }
}
