package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A model survives being written, read and cloned like any model of DL4J. */
class PersistenceTest {

  private static final Optimization OPTIMIZATION =
      Optimization.adamW(WarmupDecaySchedule.cosine(1e-2, 1e-3, 3, 10));

  private final Random random = new Random(13);

  static Stream<TransformerShape> shapes() {
    return Stream.concat(
        Stream.of(Samples.shape(true, true), Samples.shape(false, false)), Samples.variants());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void theConfigurationIsTheSameAfterJson(TransformerShape shape) {
    ComputationGraphConfiguration configuration =
        Transformer.configuration(shape, Recompute.NONE, OPTIMIZATION, 1, DataType.FLOAT);
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read).isEqualTo(configuration);
    assertThat(read.toJson()).isEqualTo(configuration.toJson());
    assertThat(read.toJson()).contains("WarmupDecaySchedule").contains("DecoupledWeightDecay");
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aRestoredModelTrainsOnAsIfNothingHadHappened(TransformerShape shape, @TempDir Path folder)
      throws IOException {
    ComputationGraph graph = Transformer.create(shape, OPTIMIZATION, 1);
    INDArray tokens = Samples.tokens(random, 3, 5, shape);
    INDArray targets = Samples.tokens(random, 3, 5, shape);
    for (int step = 0; step < 4; step++) {
      Samples.step(graph, tokens, targets);
    }
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(graph, file, true);
    ComputationGraph restored = ModelSerializer.restoreComputationGraph(file, true);

    assertThat(Transformer.shape(restored)).isEqualTo(shape);
    assertThat(restored.params()).isEqualTo(graph.params());
    for (int step = 0; step < 3; step++) {
      assertThat(Samples.step(restored, tokens, targets))
          .isEqualTo(Samples.step(graph, tokens, targets));
    }
    assertThat(restored.params().reshape(restored.numParams()).toFloatVector())
        .containsExactly(graph.params().reshape(graph.numParams()).toFloatVector());
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aCloneGivesTheSameAndIsItsOwn(TransformerShape shape) {
    ComputationGraph graph = Transformer.create(shape, OPTIMIZATION, 1);
    INDArray tokens = Samples.tokens(random, 3, 5, shape);
    INDArray targets = Samples.tokens(random, 3, 5, shape);
    Samples.step(graph, tokens, targets);

    ComputationGraph copy = graph.clone();
    INDArray logits = Transformer.logits(graph, tokens);

    assertThat(Transformer.logits(copy, tokens)).isEqualTo(logits);
    assertThat(Samples.step(copy, tokens, targets)).isEqualTo(Samples.step(graph, tokens, targets));
    Samples.step(copy, tokens, targets);
    assertThat(Transformer.logits(graph, tokens)).isNotEqualTo(Transformer.logits(copy, tokens));
  }

  @Test
  void anotherNetworkHasNoShape() {
    ComputationGraph other =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("embedding", new DenseLayer.Builder().nIn(2).nOut(2).build(), "in")
                .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "embedding")
                .setOutputs("out")
                .build());
    other.init();
    assertThatThrownBy(() -> Transformer.shape(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("this graph is not a transformer");
  }
}
