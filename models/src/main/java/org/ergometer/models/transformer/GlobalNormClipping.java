package org.ergometer.models.transformer;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scales the gradient of all parameters together so that its Euclidean norm is at most a limit
 * (Pascanu, Mikolov, Bengio 2013), and remembers the norm before.
 *
 * <p>DL4J itself clips layer by layer or parameter by parameter only. Clipping is booked as part of
 * the update, wherever this stands among the listeners.
 */
public final class GlobalNormClipping extends BaseTrainingListener {

  /** Keeps the scale finite where the norm is 0, as PyTorch does. */
  private static final double NORM_EPSILON = 1e-6;

  private final double maximumNorm;
  private @Nullable Kernels kernels;
  private double lastNorm = Double.NaN;

  private record Kernels(Kernel norm, Kernel multiply, INDArray scalar) {}

  /** Clips at {@code maximumNorm}; infinity only measures. */
  public GlobalNormClipping(double maximumNorm) {
    if (!(maximumNorm > 0)) {
      throw new IllegalArgumentException(
          "clip must be > 0, got %s; set --clip".formatted(maximumNorm));
    }
    this.maximumNorm = maximumNorm;
  }

  /** Norm of the last step's gradient before clipping; not a number before the first step. */
  public double lastNorm() {
    return lastNorm;
  }

  @Override
  public void onGradientCalculation(Model model) {
    clip(model.gradient().gradient());
  }

  /** Clips a flat gradient in place and gives its norm before. */
  public double clip(INDArray gradient) {
    Kernels with = kernels(gradient);
    INDArray scalar = with.scalar;
    Scope scope = Scope.enter(Phase.UPDATE);
    try {
      with.norm.run(scalar, gradient.reshape(gradient.length()));
      lastNorm = scalar.getDouble(0);
      if (lastNorm > maximumNorm) {
        scalar.putScalar(0, maximumNorm / (lastNorm + NORM_EPSILON));
        with.multiply.run(gradient, gradient, scalar);
      }
    } finally {
      scope.close();
    }
    return lastNorm;
  }

  private Kernels kernels(INDArray gradient) {
    Kernels present = kernels;
    if (present == null) {
      present =
          new Kernels(
              new Kernel("reduce_norm2").integers(0).reals(1),
              new Kernel("multiply"),
              TensorOps.constant(gradient.dataType(), 0));
      kernels = present;
    }
    return present;
  }
}
