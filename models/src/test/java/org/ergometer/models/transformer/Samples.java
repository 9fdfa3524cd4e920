package org.ergometer.models.transformer;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.predict.Activation;
import org.ergometer.accounting.predict.Norm;
import org.ergometer.accounting.predict.Positions;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small models and random tokens for tests. */
final class Samples {

  static final Optimization OPTIMIZATION = Optimization.adamW(1e-2);

  private Samples() {}

  /** L 2, C 6, H 3, F 10, V 7, T 5: nothing is a power of two, nothing equals another. */
  static TransformerShape shape(boolean tied, boolean bias) {
    return new TransformerShape(2, 6, 3, 10, 7, 5, tied, bias);
  }

  /** The same sizes in Llama's style, four heads of width 4 on two of keys and values. */
  static TransformerShape llama() {
    return shape(false, false).toBuilder()
        .heads(4)
        .keyValueHeads(2)
        .headDim(4)
        .activation(Activation.SWIGLU)
        .norm(Norm.RMSNORM)
        .positions(Positions.ROPE)
        .build();
  }

  /** Models that have every option of a shape in one at least. */
  static Stream<TransformerShape> variants() {
    TransformerShape gpt = shape(true, true);
    return Stream.of(
        llama(),
        llama().toBuilder().qkNorm(true).heads(3).keyValueHeads(1).headDim(6).tied(true).build(),
        llama().toBuilder().norm(Norm.LAYERNORM).bias(true).qkNorm(true).build(),
        gpt.toBuilder().heads(6).keyValueHeads(2).headDim(1).activation(Activation.RELU).build(),
        gpt.toBuilder().norm(Norm.NONE).positions(Positions.NONE).build(),
        gpt.toBuilder().activation(Activation.SILU).positionRows(8).norm(Norm.RMSNORM).build(),
        llama().toBuilder().ropeBase(50).normEpsilon(1e-2).build(),
        gpt.toBuilder().activation(Activation.GELU_ERF).normEpsilon(1e-3).build(),
        gpt.toBuilder().activation(Activation.SWIGLU).keyValueHeads(1).qkNorm(true).build());
  }

  static ComputationGraph float32(TransformerShape shape) {
    return Transformer.create(shape, OPTIMIZATION, 1);
  }

  /** A model in double whose parameters are large enough to make every gradient felt. */
  static ComputationGraph spread(TransformerShape shape) {
    ComputationGraph graph = Transformer.create(shape, OPTIMIZATION, 1, DataType.DOUBLE);
    spread(graph.params(), new Random(2));
    return graph;
  }

  /** Multiplies by 5 and adds noise of deviation 0.3. */
  static void spread(INDArray values, Random random) {
    for (long index = 0; index < values.length(); index++) {
      values.putScalar(index, 5 * values.getDouble(index) + 0.3 * random.nextGaussian());
    }
  }

  static INDArray tokens(Random random, int batch, int time, TransformerShape shape) {
    int[] tokens = new int[batch * time];
    for (int index = 0; index < tokens.length; index++) {
      tokens[index] = random.nextInt(shape.vocabulary());
    }
    return Nd4j.createFromArray(tokens).reshape(batch, time);
  }

  static INDArray normal(Random random, long... shape) {
    INDArray values = Nd4j.create(DataType.DOUBLE, shape);
    spread(values, random);
    return values;
  }

  /** One step of training. */
  static double step(ComputationGraph graph, INDArray tokens, INDArray targets) {
    graph.fit(new INDArray[] {tokens}, new INDArray[] {targets});
    return graph.score();
  }
}
