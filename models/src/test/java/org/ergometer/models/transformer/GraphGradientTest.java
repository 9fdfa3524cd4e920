package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The gradient of the loss by every parameter of a whole model, against differences. */
class GraphGradientTest {

  static Stream<Arguments> models() {
    return Stream.concat(gpt(), Samples.variants().map(shape -> Arguments.of(small(shape), 2, 3)));
  }

  /** Two blocks with start values this large bend the loss too much for differences. */
  private static TransformerShape small(TransformerShape shape) {
    return shape.toBuilder().layers(1).feedForward(5).vocabulary(3).build();
  }

  private static Stream<Arguments> gpt() {
    return Stream.of(
        Arguments.of(new TransformerShape(2, 6, 3, 5, 7, 5, true, true), 2, 5),
        Arguments.of(new TransformerShape(1, 4, 2, 5, 3, 3, true, false), 1, 3),
        Arguments.of(new TransformerShape(1, 4, 2, 5, 3, 4, false, true), 3, 2),
        Arguments.of(new TransformerShape(1, 4, 2, 5, 3, 4, false, false), 2, 1),
        Arguments.of(new TransformerShape(1, 4, 4, 3, 2, 1, true, true), 1, 1),
        Arguments.of(new TransformerShape(1, 5, 1, 7, 3, 6, true, true), 17, 2),
        Arguments.of(
            new TransformerShape(1, 6, 3, 5, 7, 2, true, true).toBuilder().keyValueHeads(1).build(),
            2,
            1));
  }

  @ParameterizedTest
  @MethodSource("models")
  void analyticEqualsNumerical(TransformerShape shape, int batch, int time) {
    ComputationGraph graph = Samples.spread(shape);
    Random random = new Random(3);
    INDArray tokens = Samples.tokens(random, batch, time, shape);
    INDArray targets = Samples.tokens(random, batch, time, shape);

    graph.setInputs(tokens);
    graph.setLabels(targets);
    graph.computeGradientAndScore();
    INDArray gradient = graph.gradient().gradient().dup();

    assertThat(graph.score()).isEqualTo(Transformer.loss(graph, tokens, targets));
    Differences.assertGradient(
        shape.toString(), graph.params(), gradient, () -> Transformer.loss(graph, tokens, targets));
  }
}
