package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Logits and loss in inference mode. */
class ForwardTest {

  private final Random random = new Random(7);

  static Stream<TransformerShape> shapes() {
    return Stream.concat(
        Stream.of(
            Samples.shape(true, true),
            Samples.shape(true, false),
            Samples.shape(false, true),
            Samples.shape(false, false)),
        Samples.variants());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void logitsAreThoseOfTheDefinition(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    INDArray tokens = Samples.tokens(random, 2, shape.context(), shape);

    INDArray logits = Transformer.logits(graph, tokens);

    assertThat(logits.shape()).containsExactly(2 * 5, 7);
    ReferenceModel reference = new ReferenceModel(graph);
    for (int row = 0; row < 2; row++) {
      double[][] expected = reference.logits(tokens.getRow(row).toIntVector());
      for (int time = 0; time < shape.context(); time++) {
        assertThat(logits.getRow(row * 5 + time).toDoubleVector())
            .as("row %d, time %d", row, time)
            .usingComparatorWithPrecision(1e-12)
            .containsExactly(expected[time]);
      }
    }
  }

  @Test
  void lossIsTheMeanOfNegativeLogProbabilities() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.spread(shape);
    INDArray tokens = Samples.tokens(random, 3, 4, shape);
    INDArray targets = Samples.tokens(random, 3, 4, shape);

    INDArray logits = Transformer.logits(graph, tokens);
    double sum = 0;
    for (int row = 0; row < 12; row++) {
      double[] scores = logits.getRow(row).toDoubleVector();
      double partition = 0;
      for (double score : scores) {
        partition += Math.exp(score);
      }
      sum += Math.log(partition) - scores[targets.getInt(row / 4, row % 4)];
    }

    assertThat(Transformer.loss(graph, tokens, targets)).isCloseTo(sum / 12, within(1e-12));
    // DL4J's own way to a score, as its listeners use it.
    assertThat(graph.score(new DataSet(tokens, targets))).isCloseTo(sum / 12, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aTokenChangesNoLogitBeforeIt(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    INDArray tokens = Samples.tokens(random, 1, 5, shape);
    INDArray before = Transformer.logits(graph, tokens);
    for (int changed = 0; changed < 5; changed++) {
      INDArray others = tokens.dup();
      others.putScalar(0, changed, (tokens.getInt(0, changed) + 1) % shape.vocabulary());
      INDArray after = Transformer.logits(graph, others);
      for (int time = 0; time < 5; time++) {
        assertThat(after.getRow(time).equals(before.getRow(time)))
            .as("token %d changed, logits at %d stay", changed, time)
            .isEqualTo(time < changed);
      }
    }
  }

  /** Shorter sequences see the same past, hence give the same logits. */
  @ParameterizedTest
  @MethodSource("shapes")
  void aSequenceMayBeShorterThanTheContext(TransformerShape shape) {
    ComputationGraph graph = Samples.spread(shape);
    INDArray tokens = Samples.tokens(random, 1, 5, shape);
    INDArray whole = Transformer.logits(graph, tokens);
    for (int time = 1; time <= 5; time++) {
      int[] start = Arrays.copyOf(tokens.toIntVector(), time);
      INDArray shorter = Nd4j.createFromArray(start).reshape(1, time);
      INDArray logits = Transformer.logits(graph, shorter);
      assertThat(logits.getRow(time - 1).equalsWithEps(whole.getRow(time - 1), 1e-12)).isTrue();
    }
  }

  @Test
  void lossAtTheStartIsThatOfGuessing() {
    TransformerShape shape = TransformerShape.gpt2(2, 32, 4, 65, 16);
    INDArray tokens = Samples.tokens(random, 8, 16, shape);
    INDArray targets = Samples.tokens(random, 8, 16, shape);
    assertThat(Transformer.loss(Samples.float32(shape), tokens, targets))
        .isCloseTo(Math.log(65), within(0.05));
  }

  @Test
  void evaluationLeavesTheModelAsItWas() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, 2, 5, shape);
    INDArray params = graph.params().dup();
    double once = Transformer.loss(graph, tokens, tokens);
    assertThat(Transformer.loss(graph, tokens, tokens)).isEqualTo(once);
    assertThat(graph.params()).isEqualTo(params);
  }

  @Test
  void tokensMustBeIntegers() {
    ComputationGraph graph = Samples.float32(Samples.shape(true, true));
    INDArray floats = Nd4j.create(DataType.FLOAT, 2, 5);
    assertThatThrownBy(() -> Transformer.logits(graph, floats))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tokens must be an integer array [B, T], got FLOAT of rank 2; pass token ids");
  }

  @Test
  void aSequenceLongerThanTheContextIsRefused() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, 1, 6, shape);
    assertThatThrownBy(() -> Transformer.logits(graph, tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a sequence must be no longer than the context of 5 tokens, got 6; shorten it or set"
                + " --context");
  }

  @Test
  void oneTargetForEachToken() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.float32(shape);
    INDArray tokens = Samples.tokens(random, 2, 5, shape);
    INDArray targets = Samples.tokens(random, 2, 4, shape);
    assertThatThrownBy(() -> Transformer.loss(graph, tokens, targets))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("targets must be one integer per logit row, got 8 of INT for 10");
    assertThat(Transformer.loss(graph, tokens, tokens)).isPositive();
  }
}
