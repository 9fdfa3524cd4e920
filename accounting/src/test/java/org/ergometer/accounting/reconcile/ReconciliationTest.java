package org.ergometer.accounting.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Reconciliation.Part;
import org.ergometer.accounting.reconcile.Reconciliation.Row;
import org.junit.jupiter.api.Test;

class ReconciliationTest {

  private static final TransformerShape SHAPE = TransformerShape.gpt2(2, 8, 2, 11, 4);
  private static final MatrixProducts TRAINING = MatrixProducts.trainingStep(SHAPE, 3, 4).times(10);
  private static final MatrixProducts EVALUATION =
      MatrixProducts.forwardPass(SHAPE, 3, 4, Phase.EVALUATION).times(2);
  private static final List<Explanation> EVALUATED =
      List.of(new Explanation.Predicted(Cause.EVALUATION, EVALUATION));

  @Test
  void aRunThatDidWhatItShouldHasNoResidual() {
    Reconciliation result = Reconciliation.of(ledger(executed(TRAINING)), TRAINING, List.of());

    assertThat(result.measured()).isEqualTo(TRAINING.flops());
    assertThat(result.predicted()).isEqualTo(TRAINING.flops());
    assertThat(result.difference()).isZero();
    assertThat(result.causes()).isEmpty();
    assertThat(result.residual()).isZero();
    assertThat(result.exact()).isTrue();
    // attention and feed-forward of two blocks, and the head, forward and backward
    assertThat(result.rows()).hasSize(2 * (2 * 2 + 1));
  }

  @Test
  void evaluationIsACauseWithItsOwnClosedForm() {
    Reconciliation result =
        Reconciliation.of(ledger(executed(TRAINING), executed(EVALUATION)), TRAINING, EVALUATED);

    assertThat(result.difference()).isEqualTo(EVALUATION.flops());
    assertThat(result.causes())
        .containsExactly(new Part(Cause.EVALUATION, Phase.EVALUATION, EVALUATION.flops()));
    assertThat(result.residual()).isZero();
    assertThat(result.exact()).isTrue();
  }

  @Test
  void aPlantedProductShowsInTheResidualOfItsLayerAndPhase() {
    Reconciliation result =
        Reconciliation.of(
            ledger(
                executed(TRAINING),
                executed(EVALUATION),
                List.of(entry("head", Phase.EVALUATION, OpClass.MATMUL, 7))),
            TRAINING,
            EVALUATED);

    assertThat(result.residual()).isEqualTo(7);
    assertThat(result.exact()).isFalse();
    assertThat(result.rows().stream().filter(row -> row.residual().signum() != 0))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.layer()).isEqualTo("head");
              assertThat(row.phase()).isEqualTo(Phase.EVALUATION);
              assertThat(row.residual()).isEqualTo(7);
            });
  }

  @Test
  void aDoubledBackwardShowsInTheResidual() {
    MatrixProducts backward =
        new MatrixProducts(
            TRAINING.products().stream().filter(p -> p.phase() == Phase.BACKWARD).toList());
    Reconciliation result =
        Reconciliation.of(ledger(executed(TRAINING), executed(backward)), TRAINING, List.of());

    assertThat(result.residual()).isEqualTo(backward.flops());
  }

  @Test
  void workThatWasNotDoneIsANegativeResidual() {
    Reconciliation result = Reconciliation.of(ledger(), TRAINING, List.of());

    assertThat(result.measured()).isZero();
    assertThat(result.residual()).isEqualTo(TRAINING.flops().negate());
  }

  @Test
  void residualsOfTwoLayersCannotHideEachOther() {
    List<LedgerEntry> moved = new ArrayList<>(executed(TRAINING));
    moved.add(entry("block.0.attention", Phase.FORWARD, OpClass.MATMUL, 5));
    MatrixProducts more =
        TRAINING.plus(
            new MatrixProducts(
                List.of(
                    new MatrixProduct(
                        "head",
                        TRAINING.products().get(0).component(),
                        Phase.FORWARD,
                        BigInteger.valueOf(5)))));

    Reconciliation result = Reconciliation.of(ledger(moved), more, List.of());

    assertThat(result.residual()).isZero();
    assertThat(result.exact()).isFalse();
    assertThat(result.rows().stream().map(Row::residual))
        .contains(BigInteger.valueOf(5), BigInteger.valueOf(-5));
  }

  @Test
  void aPhaseTakenAsMeasuredGetsWhatNothingElseExplains() {
    List<Explanation> explanations =
        List.of(
            new Explanation.AsMeasured(Cause.SAMPLING, Phase.OTHER),
            new Explanation.Predicted(
                Cause.EVALUATION, MatrixProducts.forwardPass(SHAPE, 1, 1, Phase.OTHER)));
    MatrixProducts generated = MatrixProducts.forwardPass(SHAPE, 1, 1, Phase.OTHER);

    Reconciliation result =
        Reconciliation.of(
            ledger(
                executed(TRAINING),
                executed(generated),
                List.of(entry("none", Phase.OTHER, OpClass.MATMUL, 9))),
            TRAINING,
            explanations);

    assertThat(result.causes())
        .containsExactly(
            new Part(Cause.EVALUATION, Phase.OTHER, generated.flops()),
            new Part(Cause.SAMPLING, Phase.OTHER, BigInteger.valueOf(9)));
    assertThat(result.exact()).isTrue();
  }

  @Test
  void otherWorkIsACauseAsItWasMeasured() {
    Reconciliation result =
        Reconciliation.of(
            ledger(
                executed(TRAINING),
                List.of(
                    entry("none", Phase.UPDATE, OpClass.UPDATER, 11),
                    entry("head", Phase.FORWARD, OpClass.SOFTMAX, 5),
                    entry("head", Phase.FORWARD, OpClass.REDUCTION, 3))),
            TRAINING,
            List.of());

    assertThat(result.causes())
        .containsExactly(
            new Part(Cause.ELEMENTWISE, Phase.FORWARD, BigInteger.valueOf(8)),
            new Part(Cause.UPDATE, Phase.UPDATE, BigInteger.valueOf(11)));
    assertThat(result.measured()).isEqualTo(TRAINING.flops().add(BigInteger.valueOf(19)));
    assertThat(result.difference()).isEqualTo(19);
    assertThat(result.exact()).isTrue();
  }

  /** 7 of the update's 11 are clipping, 2 of the sums are of gradients; 4 more are not there. */
  @Test
  void otherWorkOfAKnownSizeHasItsOwnName() {
    LedgerSnapshot ledger =
        ledger(
            executed(TRAINING),
            List.of(
                entry("none", Phase.UPDATE, OpClass.UPDATER, 11),
                entry("none", Phase.BACKWARD, OpClass.ELEMENTWISE, 5)));
    Explanation clipping =
        new Explanation.OtherWork(Cause.CLIPPING, "none", Phase.UPDATE, BigInteger.valueOf(7));
    Explanation sums =
        new Explanation.OtherWork(
            Cause.ACCUMULATION, "none", Phase.BACKWARD, BigInteger.valueOf(2));

    Reconciliation result = Reconciliation.of(ledger, TRAINING, List.of(clipping, sums));

    assertThat(result.causes())
        .containsExactlyInAnyOrder(
            new Part(Cause.CLIPPING, Phase.UPDATE, BigInteger.valueOf(7)),
            new Part(Cause.ACCUMULATION, Phase.BACKWARD, BigInteger.valueOf(2)),
            new Part(Cause.ELEMENTWISE, Phase.BACKWARD, BigInteger.valueOf(3)),
            new Part(Cause.UPDATE, Phase.UPDATE, BigInteger.valueOf(4)));
    assertThat(result.exact()).isTrue();

    Explanation tooMuch =
        new Explanation.OtherWork(Cause.CLIPPING, "none", Phase.UPDATE, BigInteger.valueOf(15));
    assertThat(Reconciliation.of(ledger, TRAINING, List.of(tooMuch)).residual()).isEqualTo(-4);
  }

  @Test
  void aProductInTheUpdateIsNoPartOfIt() {
    Reconciliation result =
        Reconciliation.of(
            ledger(executed(TRAINING), List.of(entry("none", Phase.UPDATE, OpClass.MATMUL, 6))),
            TRAINING,
            List.of());

    assertThat(result.residual()).isEqualTo(6);
  }

  @Test
  void aWrongPredictionShowsInTheResidual() {
    MatrixProducts wrong =
        MatrixProducts.trainingStep(SHAPE.withTied(false).toBuilder().feedForward(33).build(), 3, 4)
            .times(10);

    Reconciliation result = Reconciliation.of(ledger(executed(TRAINING)), wrong, List.of());

    assertThat(result.residual()).isEqualTo(TRAINING.flops().subtract(wrong.flops())).isNegative();
    assertThat(result.rows().stream().filter(row -> row.residual().signum() != 0))
        .extracting(Row::layer)
        .containsOnly("block.0.feed_forward", "block.1.feed_forward");
  }

  /** What a ledger holds after exactly this work. */
  private static List<LedgerEntry> executed(MatrixProducts work) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (MatrixProduct product : work.products()) {
      entries.add(
          entry(
              product.layer(), product.phase(), OpClass.MATMUL, product.flops().longValueExact()));
    }
    return entries;
  }

  @SafeVarargs
  private static LedgerSnapshot ledger(List<LedgerEntry>... parts) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (List<LedgerEntry> part : parts) {
      entries.addAll(part);
    }
    return new LedgerSnapshot(entries, 0);
  }

  private static LedgerEntry entry(String layer, Phase phase, OpClass opClass, long flops) {
    return new LedgerEntry(
        layer,
        phase,
        OpFamily.CUSTOM,
        "op",
        opClass,
        ElementType.FLOAT32,
        1,
        BigInteger.valueOf(flops),
        BigInteger.ZERO,
        BigInteger.ZERO);
  }
}
