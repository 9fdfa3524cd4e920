package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a step executes, op by op, against the closed form. */
class CountedStepTest {

  private final Random random = new Random(17);

  static Stream<Arguments> steps() {
    return Stream.concat(gpt(), Samples.variants().map(shape -> Arguments.of(shape, 3, 4)));
  }

  private static Stream<Arguments> gpt() {
    return Stream.of(
        Arguments.of(Samples.shape(true, true), 3, 5),
        Arguments.of(Samples.shape(false, false), 2, 4),
        Arguments.of(Samples.shape(true, false), 1, 1),
        Arguments.of(new TransformerShape(1, 1, 1, 1, 2, 1, true, true), 1, 1),
        Arguments.of(new TransformerShape(1, 5, 5, 3, 11, 7, false, true), 33, 7),
        Arguments.of(TransformerShape.gpt2(4, 128, 4, 77, 64).withBias(false), 12, 64),
        Arguments.of(TransformerShape.gpt2(1, 8, 2, 7, 300).withBias(false), 2, 300));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void matrixProductsAreExactlyThoseOfTheClosedForm(TransformerShape shape, int batch, int time) {
    LedgerSnapshot step = trainingStep(shape, batch, time);
    MatrixProducts predicted = MatrixProducts.trainingStep(shape, batch, time);

    LedgerSnapshot products = step.where(entry -> entry.opClass() == OpClass.MATMUL);
    MatrixProducts hidden = predicted.hiddenByCausality(time);
    assertThat(hidden.flops().signum()).isEqualTo(time < 128 ? 0 : 1);
    assertThat(products.flops()).isEqualTo(predicted.flops().subtract(hidden.flops()));
    Map<String, BigInteger> expected = byLayerAndPhase(predicted);
    byLayerAndPhase(hidden)
        .forEach((place, flops) -> expected.merge(place, flops, BigInteger::subtract));
    assertThat(byLayerAndPhase(products)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void everyOpButTheUpdateBelongsToALayerAndHasAFormula(
      TransformerShape shape, int batch, int time) {
    LedgerSnapshot step = trainingStep(shape, batch, time);
    assertThat(step.unaccounted()).isEmpty();
    assertThat(step.accountingErrors()).isZero();
    assertThat(
            step.where(
                    entry -> entry.layer().equals(Scope.NO_LAYER) && entry.phase() != Phase.UPDATE)
                .entries())
        .as("work outside of layers")
        .isEmpty();
  }

  @Test
  void theLossIsForwardWorkAndItsGradientBackwardWork() {
    LedgerSnapshot step = trainingStep(Samples.shape(true, true), 3, 5);
    Map<String, Phase> phases = new TreeMap<>();
    for (LedgerEntry entry : step.where(it -> it.layer().equals("loss")).entries()) {
      phases.put(entry.op(), entry.phase());
    }
    assertThat(phases)
        .containsEntry("log_softmax", Phase.FORWARD)
        .containsEntry("subtract", Phase.BACKWARD);
  }

  private LedgerSnapshot trainingStep(TransformerShape shape, int batch, int time) {
    ComputationGraph graph = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, batch, time, shape);
    INDArray targets = Samples.tokens(random, batch, time, shape);
    Ledger ledger = new Ledger();
    try (PhaseListener phases = new PhaseListener()) {
      graph.setListeners(new GlobalNormClipping(0.5), phases);
      // The first step also makes the gradients' and the updater's arrays.
      Samples.step(graph, tokens, targets);
      try (Accounting accounting = Accounting.start(ledger)) {
        assertThat(accounting).isNotNull();
        Samples.step(graph, tokens, targets);
      }
    }
    return ledger.snapshot();
  }

  private static Map<String, BigInteger> byLayerAndPhase(LedgerSnapshot snapshot) {
    return snapshot.flopsBy(entry -> entry.layer() + " " + entry.phase().label());
  }

  private static Map<String, BigInteger> byLayerAndPhase(MatrixProducts products) {
    return products.flopsBy((MatrixProduct it) -> it.layer() + " " + it.phase().label());
  }
}
