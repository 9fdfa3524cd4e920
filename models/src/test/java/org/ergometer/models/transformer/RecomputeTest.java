package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProduct;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computing parts of the forward pass twice changes the work, and nothing else. */
class RecomputeTest {

  private final Random random = new Random(19);

  static Stream<Arguments> models() {
    return Stream.concat(Stream.of(Samples.shape(true, true)), Samples.variants())
        .flatMap(
            shape ->
                Stream.of(Recompute.FULL, Recompute.ATTENTION)
                    .map(recompute -> Arguments.of(shape, recompute)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void lossesAndParametersAreTheSameToTheBit(TransformerShape shape, Recompute recompute) {
    ComputationGraph once = model(shape, Recompute.NONE);
    ComputationGraph twice = model(shape, recompute);
    for (int step = 0; step < 3; step++) {
      INDArray tokens = Samples.tokens(random, 3, 5, shape);
      INDArray targets = Samples.tokens(random, 3, 5, shape);
      assertThat(Samples.step(twice, tokens, targets))
          .isEqualTo(Samples.step(once, tokens, targets));
    }
    assertThat(twice.params().reshape(twice.numParams()).toFloatVector())
        .containsExactly(once.params().reshape(once.numParams()).toFloatVector());
  }

  @ParameterizedTest
  @MethodSource("models")
  void matrixProductsAreExactlyThoseOfTheClosedForm(TransformerShape shape, Recompute recompute) {
    ComputationGraph graph = model(shape, recompute);
    INDArray tokens = Samples.tokens(random, 3, 4, shape);
    Ledger ledger = new Ledger();
    try (PhaseListener phases = new PhaseListener()) {
      graph.setListeners(phases);
      Samples.step(graph, tokens, tokens);
      try (Accounting accounting = Accounting.start(ledger)) {
        assertThat(accounting).isNotNull();
        Samples.step(graph, tokens, tokens);
      }
    }

    Map<String, BigInteger> measured =
        ledger
            .snapshot()
            .where(entry -> entry.opClass() == OpClass.MATMUL)
            .flopsBy(entry -> entry.layer() + " " + entry.phase().label());
    MatrixProducts predicted = MatrixProducts.trainingStep(shape, 3, 4, recompute);
    assertThat(measured)
        .isEqualTo(predicted.flopsBy((MatrixProduct it) -> it.layer() + " " + it.phase().label()));
    assertThat(predicted.flopsBy(MatrixProduct::phase).get(Phase.RECOMPUTE)).isPositive();
  }

  private static ComputationGraph model(TransformerShape shape, Recompute recompute) {
    return Transformer.create(shape, recompute, Samples.OPTIMIZATION, 1, DataType.FLOAT);
  }
}
