package org.ergometer.models.transformer;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adds learning rate · coefficient · W to what Adam is about to subtract from W.
 *
 * <p>DL4J's {@code WeightDecay} adds its penalty to the reported loss as well, and keeps a native
 * constant for each learning rate there ever was.
 */
final class DecoupledWeightDecay implements Regularization {

  @JsonProperty("coefficient")
  private final double coefficient;

  private transient @Nullable Kernel axpy;
  private transient double scale;

  DecoupledWeightDecay(@JsonProperty("coefficient") double coefficient) {
    this.coefficient = coefficient;
  }

  @Override
  public ApplyStep applyStep() {
    return ApplyStep.POST_UPDATER;
  }

  @Override
  public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
    // The first input + its argument · the second.
    kernel(lr * coefficient).run(gradView, gradView, param);
  }

  /** Nothing: the loss is the cross-entropy alone. */
  @Override
  public double score(INDArray param, int iteration, int epoch) {
    return 0;
  }

  @Override
  public DecoupledWeightDecay clone() {
    return new DecoupledWeightDecay(coefficient);
  }

  private Kernel kernel(double newScale) {
    Kernel kernel = axpy;
    if (kernel == null) {
      kernel = new Kernel("axpy").reals(newScale);
    } else if (newScale != scale) {
      kernel.reals(newScale);
    }
    axpy = kernel;
    scale = newScale;
    return kernel;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DecoupledWeightDecay decay && decay.coefficient == coefficient;
  }

  @Override
  public int hashCode() {
    return Objects.hash(coefficient);
  }
}
