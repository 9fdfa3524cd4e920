package org.ergometer.models.transformer;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The exponential moving average of all parameters over the updates (Polyak, Juditsky 1992): e ← d
 * · e + (1 − d) · p. So that the start values are soon forgotten, d grows to its limit as (1 + t) /
 * (10 + t) does.
 *
 * <p>Evaluation and saved models take the average, training goes on with the parameters: the two
 * change places in the graph, where everything else looks for one of them.
 */
public final class WeightAverage {

  /** Elements that it holds for each parameter. */
  public static final int COPIES = 2;

  private final INDArray parameters;
  private final INDArray average;

  /** The parameters while the average is in the graph. */
  private final INDArray trained;

  private final double limit;
  private final Kernel scale = new Kernel("multiply");
  private final Kernel axpy = new Kernel("axpy");
  private final INDArray factor;
  private final long[] shape;
  private boolean shown;

  /**
   * An average of what a graph learns.
   *
   * @param limit what d grows to
   * @param earlier the average to go on with; null to begin with the parameters as they are
   */
  public WeightAverage(ComputationGraph graph, double limit, @Nullable INDArray earlier) {
    this.shape = graph.params().shape();
    this.parameters = flat(graph.params());
    this.average = detached(earlier == null ? parameters : flat(earlier));
    this.trained = detached(parameters);
    this.limit = limit;
    this.factor = TensorOps.constant(parameters.dataType(), 1);
  }

  private static INDArray flat(INDArray array) {
    return array.reshape(array.length());
  }

  private static INDArray detached(INDArray values) {
    INDArray copy = Nd4j.createUninitializedDetached(values.dataType(), values.length());
    copy.assign(values);
    return copy;
  }

  /**
   * Takes the parameters into the average, which must not be shown.
   *
   * @param iteration steps before this one
   */
  public void update(int iteration) {
    double decay = Math.min(limit, (1.0 + iteration) / (10.0 + iteration));
    scale.run(average, average, factor.putScalar(0, decay));
    // The first input + its argument · the second.
    axpy.reals(1 - decay).run(average, average, parameters);
  }

  /** Puts the average into the graph, or the parameters back. */
  public void show(boolean wanted) {
    if (wanted == shown) {
      return;
    }
    if (wanted) {
      trained.assign(parameters);
      parameters.assign(average);
    } else {
      parameters.assign(trained);
    }
    shown = wanted;
  }

  /** A copy of the average. */
  public INDArray average() {
    return average.dup().reshape(shape);
  }

  /** A copy of the parameters that are trained. */
  public INDArray trained() {
    return (shown ? trained : parameters).dup().reshape(shape);
  }
}
