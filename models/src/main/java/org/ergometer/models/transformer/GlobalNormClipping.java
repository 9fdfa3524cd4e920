package org.ergometer.models.transformer;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.ergometer.accounting.input.InvalidInputException;
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
      throw new InvalidInputException(
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
    Scope scope = Scope.enter(Phase.UPDATE);
    try {
      double norm = norm(gradient);
      if (scale(norm) != 1) {
        Kernels with = kernels(gradient);
        with.multiply.run(gradient, gradient, with.scalar.putScalar(0, scale(norm)));
      }
      return norm;
    } finally {
      scope.close();
    }
  }

  /** The norm of a flat gradient. */
  public double norm(INDArray gradient) {
    Kernels with = kernels(gradient);
    with.norm.run(with.scalar, gradient.reshape(gradient.length()));
    lastNorm = with.scalar.getDouble(0);
    return lastNorm;
  }

  /** What clips a gradient of a norm when it is multiplied with it; 1 where nothing is to do. */
  public double scale(double norm) {
    return norm > maximumNorm ? maximumNorm / (norm + NORM_EPSILON) : 1;
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
