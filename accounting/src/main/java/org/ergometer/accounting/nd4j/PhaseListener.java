package org.ergometer.accounting.nd4j;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Tells the phases of {@code fit} apart, for any {@code MultiLayerNetwork} or {@code
 * ComputationGraph}: forward, backward, update.
 *
 * <pre>{@code
 * try (PhaseListener phases = new PhaseListener()) {
 *   network.addListeners(phases);
 *   network.fit(data);
 * }
 * }</pre>
 *
 * <p>DL4J reports the end of a forward pass, of the gradient's calculation and of an iteration, but
 * no beginning, so a phase begins where the one before it ends. What follows the last report of an
 * iteration is therefore in phase forward: constraints on the parameters, listeners that come after
 * this one (add it last), and fetching the next batch. The output layer's score is computed after
 * the gradients, and is in phase backward.
 *
 * <p>Make it on the thread that trains, and close it there: an epoch that ends leaves the thread in
 * phase other, but {@code fit} of a single batch has no epochs, and would leave it in phase
 * forward. Several trainings at once need a listener each, on their own threads.
 */
public final class PhaseListener extends BaseTrainingListener implements AutoCloseable {

  /** The current thread is in phase forward from here on. */
  public PhaseListener() {
    Scope.switchTo(Phase.FORWARD);
  }

  @Override
  public void onEpochStart(Model model) {
    Scope.switchTo(Phase.FORWARD);
  }

  @Override
  public void onEpochEnd(Model model) {
    Scope.switchTo(Phase.OTHER);
  }

  @Override
  public void onForwardPass(Model model, List<INDArray> activations) {
    Scope.switchTo(Phase.BACKWARD);
  }

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    Scope.switchTo(Phase.BACKWARD);
  }

  /** Comes after the backward pass and before the update, unlike {@code onBackwardPass}'s name. */
  @Override
  public void onGradientCalculation(Model model) {
    Scope.switchTo(Phase.UPDATE);
  }

  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    Scope.switchTo(Phase.FORWARD);
  }

  /** The current thread is in phase other from here on. */
  @Override
  public void close() {
    Scope.switchTo(Phase.OTHER);
  }
}
