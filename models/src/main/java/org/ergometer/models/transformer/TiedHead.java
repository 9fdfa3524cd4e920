package org.ergometer.models.transformer;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.ergometer.accounting.op.Scope;
import org.ergometer.accounting.predict.LayerNames;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Output head that shares the token embedding's matrix; see {@link Head} for dimensions.
 *
 * <p>A vertex, since only vertices know their graph, and with it the embedding. It overwrites the
 * shared matrix's gradient; the embedding's backward pass, which comes last, adds to it.
 */
// DL4J's own base class overrides a method of its interface without its varargs.
@SuppressWarnings("overrides")
final class TiedHead extends BaseGraphVertex {

  private final Head head;
  private final PassMemory memory;

  TiedHead(ComputationGraph graph, String name, int index, DataType dataType) {
    super(graph, name, index, null, null, dataType);
    head = new Head(new TensorOps(dataType), new Views());
    memory = new PassMemory(dataType);
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    Scope scope = Scope.enter(LayerNames.HEAD);
    try {
      return head.forward(
          inputs[0],
          embedding().parameter(Sublayer.TOKEN),
          training ? memory.kept() : memory.activations(workspaceMgr));
    } finally {
      scope.close();
    }
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    EmbeddingLayer embedding = embedding();
    Scope scope = Scope.enter(LayerNames.HEAD);
    try {
      INDArray dx =
          head.backward(
              inputs[0],
              embedding.parameter(Sublayer.TOKEN),
              embedding.gradient(Sublayer.TOKEN),
              epsilon,
              memory.inputGradient(epsilon),
              memory.working());
      return new Pair<>(null, new INDArray[] {dx});
    } finally {
      scope.close();
    }
  }

  PassMemory memory() {
    return memory;
  }

  Head head() {
    return head;
  }

  private EmbeddingLayer embedding() {
    return (EmbeddingLayer) graph.getLayer(LayerNames.EMBEDDING);
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public @Nullable Layer getLayer() {
    return null;
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray gradients) {
    throw new UnsupportedOperationException("a tied head has no gradients of its own");
  }

  @Override
  public @Nullable Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] maskArrays, MaskState currentMaskState, int minibatchSize) {
    return null;
  }

  @Override
  public String toString() {
    return "TiedHead(%s)".formatted(getVertexName());
  }
}
