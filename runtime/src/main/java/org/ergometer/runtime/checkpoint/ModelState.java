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
 * @param average moving average of the parameters, which is what the model is used with; null if
 *     there is none
 */
public record ModelState(
    String configuration,
    INDArray parameters,
    @Nullable INDArray updater,
    @Nullable INDArray average) {

  /** Whether the optimizer has so many elements of state. */
  public boolean hasStates(long elements) {
    return (updater == null ? 0 : updater.length()) == elements;
  }

  /** A copy of what a model without an average holds now; the copying executes ops. */
  public static ModelState of(ComputationGraph model) {
    return of(model, model.params().dup(), null);
  }

  /** The same where parameters and their average are elsewhere. */
  public static ModelState of(
      ComputationGraph model, INDArray parameters, @Nullable INDArray average) {
    INDArray updater = model.getUpdater().getStateViewArray();
    return new ModelState(
        model.getConfiguration().toJson(),
        parameters,
        updater == null || updater.isEmpty() ? null : updater.dup(),
        average);
  }
}
