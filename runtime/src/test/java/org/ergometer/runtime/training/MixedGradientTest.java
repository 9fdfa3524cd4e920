package org.ergometer.runtime.training;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.transformer.Optimization;
import org.ergometer.models.transformer.Precision;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.acceleration.Acceleration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One step's gradients and memory in each precision, held against float32 and against shapes. */
class MixedGradientTest {

  private static final int BATCH = 4;
  private static final int TIME = 16;
  private static final int VOCABULARY = 29;
  private static final TransformerShape SHAPE =
      TransformerShape.gpt2(2, 32, 4, VOCABULARY, TIME).toBuilder().bias(true).build();

  /** A power of two, which leaves no trace in what it is divided out of. */
  private static final double SCALE = 4096;

  @BeforeEach
  void needsOneDnn() {
    Nd4j.getBackend();
    assumeThat(Acceleration.status()).isInstanceOf(Acceleration.Status.On.class);
  }

  /**
   * Rounding an operand changes it by half a unit in the last place at most, a part of 2^-9 in
   * bfloat16 (8 bits with the leading one) and of 2^-12 in float16 (11 bits). A gradient of the
   * first block has passed two roundings in each of eight products on the way up and as many on the
   * way down; independent ones add up to 6 times one of them, and twice that is allowed.
   */
  @ParameterizedTest
  @CsvSource({"mixed-bfloat16, 9", "mixed-float16, 12"})
  void everyGradientIsThatOfFloat32WithinItsRounding(String label, int bits) {
    Map<String, INDArray> expected = gradients(Precision.FLOAT32, 1);
    Precision precision = Precision.named(label);
    Map<String, INDArray> gradients = gradients(precision, precision.lossScaled() ? SCALE : 1);
    double rounding = Math.scalb(1.0, -bits);
    assertThat(gradients.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(20);
    gradients.forEach(
        (name, gradient) -> {
          INDArray wanted = requireNonNull(expected.get(name), name);
          double error = gradient.sub(wanted).norm2Number().doubleValue();
          double relative = error / wanted.norm2Number().doubleValue();
          assertThat(relative).as(name).isBetween(rounding / 64, 12 * rounding);
        });
  }

  private static Map<String, INDArray> gradients(Precision precision, double scale) {
    ComputationGraph graph = step(SHAPE, precision, scale);
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    graph
        .gradient()
        .gradientForVariable()
        .forEach((name, gradient) -> gradients.put(name, gradient.dup('c').div(scale)));
    return gradients;
  }

  private static ComputationGraph step(TransformerShape shape, Precision precision, double scale) {
    ComputationGraph graph = Transformer.create(shape, Optimization.adamW(1e-3), 7);
    Transformer.precision(graph, precision);
    Transformer.lossScale(graph, scale);
    int[] tokens = new int[BATCH * TIME + 1];
    for (int index = 0; index < tokens.length; index++) {
      tokens[index] = (index * index + 3 * index) % VOCABULARY;
    }
    graph.setInputs(window(tokens, 0));
    graph.setLabels(window(tokens, 1));
    graph.computeGradientAndScore();
    return graph;
  }

  private static INDArray window(int[] tokens, int from) {
    int[] window = new int[BATCH * TIME];
    System.arraycopy(tokens, from, window, 0, window.length);
    return Nd4j.createFromArray(window).reshape(BATCH, TIME);
  }

  /**
   * What products with weights keep of N rows: in float32 the outputs of both norms (C each), the
   * sums of attention (H·K) and the hidden layer (F) in 4 bytes; in 16 bits each in 2, and the
   * head's input (C) too, whose float32 form the norm before it has to hand on.
   */
  @Test
  void whatIsKeptForTheBackwardPassIsSmallerByWhatTheShapesSay() {
    TransformerShape shape = TransformerShape.gpt2(3, 64, 4, 64, TIME);
    long rows = BATCH * TIME;
    long block = rows * (64 + 64 + 64 + 256);
    long head = rows * 64;
    long float32 = keptBytes(shape, Precision.FLOAT32);
    assertThat(float32 - keptBytes(shape, Precision.MIXED_BFLOAT16))
        .isEqualTo(3 * block * 4 - (3 * block + head) * 2);
    assertThat(keptBytes(shape, Precision.MIXED_FLOAT16))
        .isEqualTo(keptBytes(shape, Precision.MIXED_BFLOAT16));
    // without norms a block's input is kept in both forms
    TransformerShape plain = shape.toBuilder().norm(Norm.NONE).build();
    assertThat(keptBytes(plain, Precision.FLOAT32) - keptBytes(plain, Precision.MIXED_BFLOAT16))
        .isEqualTo(3 * rows * (64 + 256) * 4 - (3 * block + head) * 2);
  }

  private static long keptBytes(TransformerShape shape, Precision precision) {
    return Transformer.keptBytes(step(shape, precision, 1));
  }
}
