package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.FixedSchedule;

class OptimizationTest {

  private static final Offset<Double> EPSILON = within(1e-12);
  private static final FixedSchedule RATE = new FixedSchedule(1e-3);

  @Test
  void warmsUpLinearlyAndFallsAlongACosine() {
    WarmupDecaySchedule schedule = WarmupDecaySchedule.cosine(1, 0.1, 4, 14);
    // (step + 1) / (4 + 1)
    assertThat(schedule.valueAt(0, 0)).isEqualTo(0.2);
    assertThat(schedule.valueAt(3, 0)).isEqualTo(0.8);
    assertThat(schedule.valueAt(4, 0)).isEqualTo(1);
    // Half way down, 5 of 10 steps: 0.1 + 0.9 · (1 + cos(π/2)) / 2
    assertThat(schedule.valueAt(9, 0)).isCloseTo(0.55, within(1e-15));
    assertThat(schedule.valueAt(14, 0)).isEqualTo(0.1);
    assertThat(schedule.valueAt(1000, 0)).isEqualTo(0.1);
  }

  @Test
  void aScheduleMayBeWarmUpOnlyOrNone() {
    assertThat(WarmupDecaySchedule.cosine(1, 0.1, 4, 4).valueAt(4, 0)).isEqualTo(0.1);
    assertThat(WarmupDecaySchedule.cosine(1, 0.1, 0, 4).valueAt(0, 0)).isEqualTo(1);
  }

  @Test
  void schedulesOfTheSameNumbersAreEqual() {
    assertThat(WarmupDecaySchedule.cosine(1, 0.1, 4, 14))
        .isEqualTo(WarmupDecaySchedule.cosine(1, 0.1, 4, 14).clone())
        .isNotEqualTo(WarmupDecaySchedule.cosine(1, 0.1, 4, 15));
  }

  @Test
  void aScheduleSaysWhatIsWrong() {
    assertThatThrownBy(() -> WarmupDecaySchedule.cosine(0, 0, 1, 2))
        .hasMessage("learning-rate must be > 0 and finite, got 0.0; set --learning-rate");
    assertThatThrownBy(() -> WarmupDecaySchedule.cosine(1, 2, 1, 2))
        .hasMessage(
            "min-learning-rate must be between 0 and learning-rate 1.0, got 2.0; set"
                + " --min-learning-rate");
    assertThatThrownBy(() -> WarmupDecaySchedule.cosine(1, 0, 3, 2))
        .hasMessage("warmup must be between 0 and steps 2, got 3; set --warmup");
  }

  @Test
  void optimizationSaysWhatIsWrong() {
    assertThatThrownBy(() -> new Optimization(RATE, new UpdateRule.Adam(1, 0.9, 1e-8), 0))
        .hasMessage("beta1 must be >= 0 and < 1, got 1.0; set --beta1");
    assertThatThrownBy(() -> new Optimization(RATE, new UpdateRule.Adam(0.9, -1, 1e-8), 0))
        .hasMessage("beta2 must be >= 0 and < 1, got -1.0; set --beta2");
    assertThatThrownBy(() -> new Optimization(RATE, new UpdateRule.Adam(0.9, 0.9, 0), 0))
        .hasMessage("epsilon must be > 0, got 0.0; set --epsilon");
    assertThatThrownBy(() -> new Optimization(RATE, new UpdateRule.Adam(0.9, 0.9, 1e-8), -0.1))
        .hasMessage("weight-decay must be >= 0, got -0.1; set --weight-decay");
  }

  @Test
  void aPlateauLiesBetweenWarmUpAndDecay() {
    WarmupDecaySchedule schedule =
        new WarmupDecaySchedule(1, 0.2, 2, 12, 4, WarmupDecaySchedule.Decay.LINEAR);
    assertThat(schedule.valueAt(2, 0)).isEqualTo(1);
    assertThat(schedule.valueAt(8, 0)).isEqualTo(1);
    // 2 of 4 steps: 0.2 + 0.8 / 2
    assertThat(schedule.valueAt(10, 0)).isCloseTo(0.6, within(1e-15));
    assertThat(schedule.valueAt(12, 0)).isEqualTo(0.2);
    assertThat(
            new WarmupDecaySchedule(1, 0.2, 2, 12, 0, WarmupDecaySchedule.Decay.NONE)
                .valueAt(99, 0))
        .isEqualTo(1);
  }

  /** By hand: c = 0.5·m + 0.5·g, step 0.1·sign(c), m = 0.75·m + 0.25·g. */
  @Test
  void lionStepsByTheSignOfItsMomentum() {
    INDArray state = Nd4j.zeros(DataType.DOUBLE, 3);
    GradientUpdater<?> lion =
        new UpdateRule.Lion(0.5, 0.75).updater(new FixedSchedule(0.1)).instantiate(state, true);

    INDArray gradient = Nd4j.createFromArray(4.0, -8.0, 0.0);
    lion.applyUpdater(gradient, 0, 0);
    assertThat(gradient.toDoubleVector()).containsExactly(new double[] {0.1, -0.1, 0}, EPSILON);
    assertThat(state.toDoubleVector()).containsExactly(new double[] {1, -2, 0}, EPSILON);

    // c = 0.5·1 − 0.5·0.8 = 0.1; −1 + 0.5·16 = 7; −0.5
    gradient = Nd4j.createFromArray(-0.8, 16.0, -1.0);
    lion.applyUpdater(gradient, 1, 0);
    assertThat(gradient.toDoubleVector()).containsExactly(new double[] {0.1, 0.1, -0.1}, EPSILON);
    // 0.75·1 − 0.25·0.8; −1.5 + 4; −0.25
    assertThat(state.toDoubleVector()).containsExactly(new double[] {0.55, 2.5, -0.25}, EPSILON);
  }

  /**
   * A matrix of two rows and three columns, and a vector, held against loops over their elements.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void adafactorDividesByTheRootOfRowsAndColumns(int dimensions) {
    int rows = dimensions == 1 ? 6 : 2;
    int columns = dimensions == 1 ? 1 : 3;
    Parameter parameter =
        dimensions == 1 ? Parameter.gain("g", 6) : Parameter.matrix("w", 2, 3, 0.02);
    INDArray state = Nd4j.zeros(DataType.DOUBLE, dimensions == 1 ? 6 : 5);
    GradientUpdater<?> adafactor =
        new AdafactorUpdater(new FixedSchedule(0.1))
            .of("layer", parameter)
            .instantiate(state, true);
    double[] r = new double[rows];
    double[] c = new double[columns];
    Random random = new Random(3);
    for (int step = 0; step < 4; step++) {
      double[] g = random.doubles(6, -1, 1).toArray();
      INDArray gradient = Nd4j.createFromArray(g.clone());

      adafactor.applyUpdater(gradient, step, 0);

      double[] expected = adafactorStep(g, r, c, step + 1);
      assertThat(gradient.toDoubleVector()).containsExactly(expected, within(1e-12));
      for (int row = 0; row < rows; row++) {
        assertThat(state.getDouble(row)).isCloseTo(r[row], within(1e-12));
      }
    }
  }

  /** Shazeer and Stern 2018, algorithms 4 and 5; a vector is a column whose c is left out. */
  private static double[] adafactorStep(double[] g, double[] r, double[] c, int t) {
    double decay = 1 - Math.pow(t, -0.8);
    for (int row = 0; row < r.length; row++) {
      double sum = 0;
      for (int column = 0; column < c.length; column++) {
        sum += g[row * c.length + column] * g[row * c.length + column] + 1e-30;
      }
      r[row] = decay * r[row] + (1 - decay) * sum / c.length;
    }
    double total = 0;
    for (double each : r) {
      total += each;
    }
    for (int column = 0; column < c.length; column++) {
      double sum = 0;
      for (int row = 0; row < r.length; row++) {
        sum += g[row * c.length + column] * g[row * c.length + column] + 1e-30;
      }
      c[column] = decay * c[column] + (1 - decay) * sum / r.length;
    }
    double[] u = new double[g.length];
    double squares = 0;
    for (int index = 0; index < g.length; index++) {
      double row = r[index / c.length];
      double v = c.length == 1 ? row : row * c[index % c.length] / (total / r.length);
      u[index] = g[index] / Math.sqrt(v);
      squares += u[index] * u[index];
    }
    for (int index = 0; index < g.length; index++) {
      u[index] *= 0.1 / Math.max(1, Math.sqrt(squares / g.length));
    }
    return u;
  }

  @Test
  void adafactorHasNextToNoState() {
    TransformerShape shape = Samples.shape(true, false);
    ComputationGraph graph =
        Transformer.create(
            shape, new Optimization(RATE, new UpdateRule.Adafactor(), 0.1), 1, DataType.FLOAT);

    long elements = graph.getUpdater().getStateViewArray().length();

    assertThat(elements).isEqualTo(new UpdateRule.Adafactor().allStates(shape));
    assertThat(Parameters.of(shape).stream().mapToLong(Parameter::length).sum())
        .isEqualTo(shape.parameters());
  }

  @ParameterizedTest
  @MethodSource
  void everyRuleLearnsAndGoesOnAfterARestore(UpdateRule rule) throws Exception {
    TransformerShape shape = Samples.shape(true, true);
    Random random = new Random(5);
    INDArray tokens = Samples.tokens(random, 2, shape.context(), shape);
    INDArray targets = Samples.tokens(random, 2, shape.context(), shape);
    ComputationGraph graph =
        Transformer.create(shape, new Optimization(RATE, rule, 0.1), 1, DataType.FLOAT);
    double first = Samples.step(graph, tokens, targets);
    for (int step = 0; step < 20; step++) {
      Samples.step(graph, tokens, targets);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, bytes, true);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(
            new ByteArrayInputStream(bytes.toByteArray()), true);

    double loss = Samples.step(graph, tokens, targets);
    assertThat(loss).isLessThan(first);
    assertThat(Samples.step(restored, tokens, targets)).isEqualTo(loss);
    assertThat(restored.params()).isEqualTo(graph.params());
  }

  static Stream<UpdateRule> everyRuleLearnsAndGoesOnAfterARestore() {
    return Stream.of(
        new UpdateRule.Adam(0.9, 0.99, 1e-8),
        new UpdateRule.Momentum(0.9),
        new UpdateRule.Momentum(0),
        new UpdateRule.Lion(0.9, 0.99),
        new UpdateRule.Adafactor());
  }
}
