package org.ergometer.runtime.checkpoint;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arrays of a model at one moment, copied, and its configuration.
 *
 * @param configuration in DL4J's JSON
 * @param parameters all of them in one row
 * @param updater state of the optimizer; null if it has none
 */
public record ModelState(String configuration, INDArray parameters, @Nullable INDArray updater) {

  /** A copy of what a model holds now; the copying executes ops. */
  public static ModelState of(ComputationGraph model) {
    INDArray updater = model.getUpdater().getStateViewArray();
    return new ModelState(
        model.getConfiguration().toJson(),
        model.params().dup(),
        updater == null || updater.isEmpty() ? null : updater.dup());
  }
}
