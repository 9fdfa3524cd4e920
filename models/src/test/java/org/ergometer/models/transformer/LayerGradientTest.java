package org.ergometer.models.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Each layer alone: its gradients by input and parameters, against differences. */
class LayerGradientTest {

  private static final int BATCH = 2;
  private static final int TIME = 4;

  private final Random random = new Random(5);

  @ParameterizedTest
  @EnumSource(names = {"ATTENTION", "FEED_FORWARD", "FINAL_NORM", "HEAD"})
  void withBias(Sublayer kind) {
    TransformerShape shape = Samples.shape(false, true);
    checkWithInput(kind, shape);
  }

  @ParameterizedTest
  @EnumSource(names = {"ATTENTION", "FEED_FORWARD", "FINAL_NORM", "HEAD"})
  void withoutBias(Sublayer kind) {
    checkWithInput(kind, Samples.shape(false, false));
  }

  static Stream<Arguments> variants() {
    return Samples.variants()
        .flatMap(
            shape ->
                Stream.of(Sublayer.ATTENTION, Sublayer.FEED_FORWARD, Sublayer.FINAL_NORM)
                    .filter(kind -> kind != Sublayer.FINAL_NORM || shape.norm() != Norm.NONE)
                    .map(kind -> Arguments.of(kind, shape)));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void ofAllFamilies(Sublayer kind, TransformerShape shape) {
    checkWithInput(kind, shape);
  }

  @Test
  void embeddingWithoutPositions() {
    checkEmbedding(Samples.llama(), TIME);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, TIME, 5})
  void embedding(int time) {
    checkEmbedding(Samples.shape(false, true), time);
  }

  private void checkEmbedding(TransformerShape shape, int time) {
    TransformerLayer layer = layer(Sublayer.EMBEDDING, shape);
    INDArray tokens = Samples.tokens(random, BATCH, time, shape);
    INDArray weights = Samples.normal(random, BATCH, time, shape.width());

    value(layer, tokens, weights);
    assertThat(backward(layer, weights)).isNull();

    checkParameters(layer, () -> value(layer, tokens, weights));
  }

  /** A tied embedding adds to what the head has put into the shared gradient. */
  @Test
  void tiedEmbeddingAddsToTheHeadsGradient() {
    TransformerShape shape = Samples.shape(true, true);
    INDArray tokens = Samples.tokens(random, BATCH, TIME, shape);
    INDArray weights = Samples.normal(random, BATCH, TIME, shape.width());
    TransformerLayer untied = layer(Sublayer.EMBEDDING, shape.withTied(false));
    TransformerLayer tied = layer(Sublayer.EMBEDDING, shape);
    tied.gradient(Sublayer.TOKEN).assign(10);

    value(untied, tokens, weights);
    backward(untied, weights);
    value(tied, tokens, weights);
    backward(tied, weights);

    assertThat(
            tied.gradient(Sublayer.TOKEN)
                .equalsWithEps(untied.gradient(Sublayer.TOKEN).add(10), 1e-12))
        .isTrue();
  }

  @Test
  void loss() {
    TransformerShape shape = Samples.shape(false, true);
    LossLayer layer = (LossLayer) layer(Sublayer.LOSS, shape);
    INDArray logits = Samples.normal(random, BATCH * TIME, shape.vocabulary());
    INDArray targets = Samples.tokens(random, BATCH, TIME, shape);

    double loss = loss(layer, logits, targets);
    INDArray nothing = Nd4j.empty(DataType.DOUBLE);
    INDArray gradient = backward(layer, nothing);

    assertThat(layer.score()).isEqualTo(loss);
    Differences.assertGradient("logits", logits, gradient, () -> loss(layer, logits, targets));
  }

  /** Long enough to be cut into blocks, the last of them shorter; keys alone, and shared by two. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void attentionByBlocks(int heads) {
    TransformerShape shape = new TransformerShape(1, heads, heads, 1, 5, 131, false, false);
    checkWithInput(Sublayer.ATTENTION, shape.toBuilder().keyValueHeads(1).build(), 1, 131);
  }

  private void checkWithInput(Sublayer kind, TransformerShape shape) {
    checkWithInput(kind, shape, BATCH, TIME);
  }

  private void checkWithInput(Sublayer kind, TransformerShape shape, int batch, int time) {
    TransformerLayer layer = layer(kind, shape);
    INDArray x = Samples.normal(random, batch, time, shape.width());
    INDArray y = layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
    INDArray weights = Samples.normal(random, y.shape());

    value(layer, x, weights);
    INDArray dx = backward(layer, weights.dup());

    Differences.assertGradient(kind + " input", x, dx, () -> value(layer, x, weights));
    checkParameters(layer, () -> value(layer, x, weights));
  }

  private static void checkParameters(TransformerLayer layer, DoubleSupplier value) {
    Map<String, INDArray> gradients = layer.gradients();
    assertThat(gradients.keySet()).containsExactlyElementsOf(layer.paramTable().keySet());
    List.copyOf(gradients.entrySet())
        .forEach(
            entry ->
                Differences.assertGradient(
                    entry.getKey(),
                    layer.parameter(entry.getKey()),
                    entry.getValue().dup(),
                    value));
  }

  /** A scalar function of the layer's output: the sum of y ∘ weights. */
  private static double value(TransformerLayer layer, INDArray x, INDArray weights) {
    INDArray y = layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces());
    return y.mul(weights).sumNumber().doubleValue();
  }

  private static double loss(LossLayer layer, INDArray logits, INDArray targets) {
    layer.setInput(logits, LayerWorkspaceMgr.noWorkspaces());
    layer.setLabels(targets);
    return layer.computeScore(0, true, LayerWorkspaceMgr.noWorkspaces());
  }

  private static INDArray backward(TransformerLayer layer, INDArray dy) {
    return layer.backpropGradient(dy, LayerWorkspaceMgr.noWorkspaces()).getSecond();
  }

  private TransformerLayer layer(Sublayer kind, TransformerShape shape) {
    TransformerLayerConf conf = new TransformerLayerConf(kind, shape, 1, Recompute.NONE);
    NeuralNetConfiguration configuration = new NeuralNetConfiguration();
    configuration.setLayer(conf);
    long length = conf.initializer().numParams(conf);
    INDArray params = Nd4j.create(DataType.DOUBLE, Math.max(1, length));
    TransformerLayer layer =
        (TransformerLayer)
            conf.instantiate(configuration, List.of(), 0, params, true, DataType.DOUBLE);
    Samples.spread(params, random);
    if (length > 0) {
      layer.setBackpropGradientsViewArray(Nd4j.create(DataType.DOUBLE, length));
    }
    return layer;
  }
}
