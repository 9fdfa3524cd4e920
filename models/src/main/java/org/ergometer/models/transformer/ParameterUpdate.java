package org.ergometer.models.transformer;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.op.FusedOp;

/** Changes a transformer's parameters by the gradient in its flat view, and with them its state. */
public sealed interface ParameterUpdate permits FusedAdamW, GraphUpdate {

  /**
   * By one op of the backend where there is one for the rule; else by the graph's own updater.
   *
   * @param graph made with the same optimization
   */
  static ParameterUpdate of(ComputationGraph graph, Optimization optimization) {
    boolean fused =
        optimization.rule() instanceof UpdateRule.Adam
            && new TensorOps(graph.params().dataType()).offers(FusedOp.ADAMW);
    return fused ? new FusedAdamW(graph, optimization) : new GraphUpdate(graph);
  }

  /**
   * Updates; what is in the gradient's view afterwards is undefined.
   *
   * @param scale what the gradient is multiplied with first
   * @param iteration steps before this one
   */
  void apply(double scale, int iteration);
}
