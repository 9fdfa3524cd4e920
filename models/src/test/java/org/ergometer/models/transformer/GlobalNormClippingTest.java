package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GlobalNormClippingTest {

  @Test
  void scalesALongGradientToTheLimit() {
    INDArray gradient = Nd4j.createFromArray(3f, 4f).reshape(1, 2);
    GlobalNormClipping clipping = new GlobalNormClipping(1);
    // sqrt(9 + 16)
    assertThat(clipping.clip(gradient)).isEqualTo(5);
    assertThat(gradient.getDouble(0)).isCloseTo(0.6, within(1e-6));
    assertThat(gradient.getDouble(1)).isCloseTo(0.8, within(1e-6));
    assertThat(clipping.lastNorm()).isEqualTo(5);
  }

  @Test
  void leavesAShortGradientAlone() {
    INDArray gradient = Nd4j.createFromArray(3f, 4f).reshape(1, 2);
    assertThat(new GlobalNormClipping(5).clip(gradient)).isEqualTo(5);
    assertThat(gradient).isEqualTo(Nd4j.createFromArray(3f, 4f).reshape(1, 2));
  }

  /** Adam is blind to the gradient's length, so the first moment is what shows it: 0.1 · g. */
  @Test
  void clipsBeforeTheUpdateInTraining() {
    TransformerShape shape = Samples.shape(true, true);
    ComputationGraph graph = Samples.float32(shape);
    GlobalNormClipping clipping = new GlobalNormClipping(0.01);
    graph.setListeners(clipping);
    assertThat(clipping.lastNorm()).isNaN();
    Random random = new Random(1);
    Samples.step(graph, Samples.tokens(random, 2, 5, shape), Samples.tokens(random, 2, 5, shape));
    assertThat(clipping.lastNorm()).isGreaterThan(0.01);
    INDArray state = graph.getUpdater().getStateViewArray();
    long half = state.length() / 2;
    double first = 0;
    for (long index = half; index < 2 * half; index++) {
      first += state.getDouble(index) * state.getDouble(index);
    }
    double other = 0;
    for (long index = 0; index < half; index++) {
      other += state.getDouble(index) * state.getDouble(index);
    }
    // Whichever half DL4J keeps the first moment in: the second holds squares and is far smaller.
    assertThat(Math.sqrt(Math.max(first, other))).isCloseTo(0.1 * 0.01, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void theLimitIsPositive(double limit) {
    assertThatThrownBy(() -> new GlobalNormClipping(limit))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("clip must be > 0, got %s; set --clip".formatted(limit));
  }
}
