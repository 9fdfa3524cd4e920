package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.accounting.nd4j.PhaseListener;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.ElementwiseWork;
import org.ergometer.accounting.predict.ElementwiseWork.Part;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DropoutTest {

  private static final double DROPPED = 0.3;

  private final Random random = new Random(23);

  @Test
  void dropsSoManyAndKeepsTheMean() {
    Dropout dropout = new Dropout();
    dropout.probability(DROPPED);
    INDArray x = Nd4j.ones(DataType.FLOAT, 100_000);
    Nd4j.getRandom().setSeed(1);

    dropout.forward(x);

    // of 100 000 draws the part that is dropped has a standard deviation of 0.0015
    assertThat(x.eq(0).castTo(DataType.INT32).sumNumber().doubleValue() / 100_000)
        .isCloseTo(DROPPED, within(0.008));
    assertThat(x.meanNumber().doubleValue()).isCloseTo(1, within(0.012));
    assertThat(x.maxNumber().floatValue()).isEqualTo((float) (1 / (1 - DROPPED)));
    INDArray again = Nd4j.ones(DataType.FLOAT, 100_000);
    long state = Nd4j.getRandom().rootState();
    dropout.backward(again, again);
    assertThat(again).as("the gradient has the same mask").isEqualTo(x);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(state);
    INDArray next = Nd4j.ones(DataType.FLOAT, 100_000);
    dropout.forward(next);
    assertThat(next).isNotEqualTo(x);
    assertThatIllegalArgumentException().isThrownBy(() -> dropout.probability(1));
  }

  static Stream<TransformerShape> models() {
    return Stream.of(Samples.shape(true, true), Samples.llama())
        .map(shape -> shape.toBuilder().layers(1).feedForward(5).vocabulary(3).build());
  }

  @ParameterizedTest
  @MethodSource("models")
  void analyticGradientEqualsNumerical(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    Transformer.dropout(graph, DROPPED);
    INDArray tokens = Samples.tokens(random, 2, 3, shape);
    INDArray targets = Samples.tokens(random, 2, 3, shape);

    double value = trained(graph, tokens, targets);
    INDArray gradient = graph.gradient().gradient().dup();

    assertThat(value).isNotEqualTo(Transformer.loss(graph, tokens, targets));
    Differences.assertGradient(
        shape.toString(), graph.params(), gradient, () -> trained(graph, tokens, targets));
  }

  /** The loss in training, always with the same elements dropped. */
  private static double trained(ComputationGraph graph, INDArray tokens, INDArray targets) {
    Nd4j.getRandom().setSeed(5);
    graph.setInputs(tokens);
    graph.setLabels(targets);
    graph.computeGradientAndScore();
    return graph.score();
  }

  @Test
  void nothingIsDroppedWhereNothingIsLearned() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, 2, 3, shape);
    double before = Transformer.loss(graph, tokens, tokens);
    Transformer.dropout(graph, DROPPED);

    assertThat(Transformer.loss(graph, tokens, tokens)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Recompute.class)
  void recomputingDropsTheSame(Recompute recompute) {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph once =
        Transformer.create(shape, Recompute.NONE, Samples.OPTIMIZATION, 1, DataType.FLOAT);
    ComputationGraph twice =
        Transformer.create(shape, recompute, Samples.OPTIMIZATION, 1, DataType.FLOAT);
    INDArray tokens = Samples.tokens(random, 3, 5, shape);
    for (ComputationGraph graph : new ComputationGraph[] {once, twice}) {
      Transformer.dropout(graph, DROPPED);
      trained(graph, tokens, tokens);
    }

    assertThat(twice.gradient().gradient()).isEqualTo(once.gradient().gradient());
  }

  @ParameterizedTest
  @MethodSource("models")
  void itsWorkIsThatOfTheClosedForm(TransformerShape shape) {
    ComputationGraph graph = Samples.float32(shape);
    Transformer.dropout(graph, DROPPED);
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

    LedgerSnapshot drawn = ledger.snapshot().where(entry -> entry.opClass() == OpClass.RANDOM);
    ElementwiseWork predicted = ElementwiseWork.dropout(shape, 3, 4);
    for (Phase phase : new Phase[] {Phase.FORWARD, Phase.BACKWARD}) {
      // 3 · 4 rows of 6 channels, after the embedding and both halves of a block; draw, compare,
      // divide
      assertThat(drawn.where(entry -> entry.phase() == phase).flops())
          .isEqualTo(predicted.flops(phase))
          .isEqualTo(3 * 12 * 6 * 3);
    }
    assertThat(predicted.terms()).allMatch(term -> term.part() == Part.DROPOUT);
  }
}
