package org.ergometer.models.transformer;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** By the updater that DL4J keeps for the graph. */
final class GraphUpdate implements ParameterUpdate {

  private final ComputationGraph graph;
  private final Kernel multiply = new Kernel("multiply");
  private final INDArray factor;

  GraphUpdate(ComputationGraph graph) {
    this.graph = graph;
    this.factor = TensorOps.constant(graph.params().dataType(), 1);
  }

  @Override
  public void apply(double scale, int iteration) {
    INDArray gradient = graph.getFlattenedGradients();
    if (scale != 1) {
      multiply.run(gradient, gradient, factor.putScalar(0, scale));
    }
    graph
        .getUpdater()
        .update(
            graph.gradient(),
            iteration,
            graph.getEpochCount(),
            graph.batchSize(),
            LayerWorkspaceMgr.noWorkspaces());
    INDArray parameters = graph.params();
    parameters.subi(gradient.reshape(parameters.shape()));
  }
}
