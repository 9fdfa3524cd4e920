package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.FixedSchedule;

/** Steps of training through DL4J's fit. */
class TrainingTest {

  private static final TransformerShape SHAPE = Samples.shape(true, true);

  private final Random random = new Random(11);
  private final INDArray tokens = Samples.tokens(random, 3, 5, SHAPE);
  private final INDArray targets = Samples.tokens(random, 3, 5, SHAPE);

  @Test
  void learnsABatchByHeart() {
    ComputationGraph graph = Samples.float32(SHAPE);
    double first = Samples.step(graph, tokens, targets);
    double last = first;
    for (int step = 1; step < 200; step++) {
      last = Samples.step(graph, tokens, targets);
    }
    assertThat(first).isCloseTo(Math.log(7), within(0.05));
    assertThat(last).isLessThan(first / 2);
  }

  @Test
  void theSameSeedGivesTheSameLossesBitForBit() {
    assertThat(losses(Samples.float32(SHAPE))).containsExactly(losses(Samples.float32(SHAPE)));
    assertThat(losses(Transformer.create(SHAPE, Samples.OPTIMIZATION, 2)))
        .isNotEqualTo(losses(Samples.float32(SHAPE)));
  }

  private double[] losses(ComputationGraph graph) {
    double[] losses = new double[5];
    Arrays.setAll(losses, step -> Samples.step(graph, tokens, targets));
    return losses;
  }

  /** The score of a step is the loss before the step, without any penalty. */
  @Test
  void theScoreIsTheLossAlone() {
    ComputationGraph graph = Samples.float32(SHAPE);
    double loss = Transformer.loss(graph, tokens, targets);
    assertThat(Samples.step(graph, tokens, targets)).isEqualTo(loss);
  }

  /** Twice the rows with the same tokens: the same mean, hence the same gradient and step. */
  @Test
  void gradientsAreThoseOfTheMeanOverTokens() {
    ComputationGraph once = Samples.float32(SHAPE);
    ComputationGraph twice = Samples.float32(SHAPE);
    once.setInputs(tokens);
    once.setLabels(targets);
    once.computeGradientAndScore();
    twice.setInputs(doubled(tokens));
    twice.setLabels(doubled(targets));
    twice.computeGradientAndScore();
    assertThat(twice.gradient().gradient().equalsWithEps(once.gradient().gradient(), 1e-6))
        .isTrue();
  }

  private static INDArray doubled(INDArray rows) {
    int[] values = rows.dup().reshape(rows.length()).toIntVector();
    int[] both = Arrays.copyOf(values, 2 * values.length);
    System.arraycopy(values, 0, both, values.length, values.length);
    return Nd4j.createFromArray(both).reshape(2 * rows.size(0), rows.size(1));
  }

  /** With betas 0 and a huge epsilon Adam's step vanishes; what is left is the decay alone. */
  @Test
  void decayTouchesMatricesOnly() {
    Optimization decayOnly =
        new Optimization(new FixedSchedule(0.5), new UpdateRule.Adam(0, 0, 1e12), 0.25);
    ComputationGraph graph = Transformer.create(SHAPE, decayOnly, 1);
    ComputationGraph before = graph.clone();

    Samples.step(graph, tokens, targets);

    before
        .paramTable()
        .forEach(
            (name, value) -> {
              // 1 − 0.5 · 0.25
              double factor = value.rank() == 2 ? 0.875 : 1;
              assertThat(value.mul(factor).equalsWithEps(graph.getParam(name), 1e-7))
                  .as(name)
                  .isTrue();
            });
  }

  @Test
  void withoutDecayNothingDecays() {
    Optimization still =
        new Optimization(new FixedSchedule(0.5), new UpdateRule.Adam(0, 0, 1e12), 0);
    ComputationGraph graph = Transformer.create(SHAPE, still, 1);
    INDArray before = graph.params().dup();
    Samples.step(graph, tokens, targets);
    assertThat(graph.params().equalsWithEps(before, 1e-7)).isTrue();
  }

  /** The one matrix that may be trained on sequences of any length up to the context. */
  @Test
  void positionsBeyondAShortSequenceHaveNoGradient() {
    ComputationGraph graph = Samples.float32(SHAPE);
    Samples.step(graph, tokens, targets);
    graph.setInputs(Samples.tokens(random, 2, 3, SHAPE));
    graph.setLabels(Samples.tokens(random, 2, 3, SHAPE));
    graph.computeGradientAndScore();
    INDArray positions = graph.gradient().getGradientFor("embedding_" + Sublayer.POSITION);
    for (int position = 0; position < 5; position++) {
      double magnitude = positions.getRow(position).norm1Number().doubleValue();
      assertThat(magnitude > 0).as("position %d", position).isEqualTo(position < 3);
    }
  }
}
