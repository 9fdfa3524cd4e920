package org.ergometer.models.transformer;

import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;

/** How a gradient becomes what is subtracted from the parameters. */
public sealed interface UpdateRule {

  /** DL4J's configuration of the rule at a learning rate by step. */
  IUpdater updater(ISchedule learningRate);

  /** Elements of state for each parameter. */
  int states();

  /** FLOPs of the rule for each parameter, as {@code accounting.flops} counts its ops. */
  int flops();

  /** Elements of state that a model has beside those. */
  default long furtherStates(TransformerShape shape) {
    return 0;
  }

  /** FLOPs of the rule for a model beside those. */
  default long furtherFlops(TransformerShape shape) {
    return 0;
  }

  /** All elements of state for a model. */
  default long allStates(TransformerShape shape) {
    return Math.addExact(
        Math.multiplyExact((long) states(), shape.parameters()), furtherStates(shape));
  }

  /**
   * Adam as ND4J's {@code adam_updater} has it: with bias correction folded into the rate, so that
   * epsilon is added to the uncorrected root (the form at the end of section 2 in Kingma, Ba 2015).
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   */
  record Adam(double beta1, double beta2, double epsilon) implements UpdateRule {

    public Adam {
      fraction("beta1", beta1);
      fraction("beta2", beta2);
      if (!(epsilon > 0)) {
        throw new InvalidInputException(
            "epsilon must be > 0, got %s; set --epsilon".formatted(epsilon));
      }
    }

    @Override
    public IUpdater updater(ISchedule learningRate) {
      var adam = new org.nd4j.linalg.learning.config.Adam(Double.NaN, beta1, beta2, epsilon);
      adam.setLearningRateSchedule(learningRate);
      return adam;
    }

    @Override
    public int states() {
      return 2;
    }

    /** v = b * v + g * g * c; m = a * m + g * d; u = (m * lr) / (sqrt(v) + e). */
    @Override
    public int flops() {
      return 11;
    }
  }

  /**
   * Gradient descent with Nesterov's momentum, ND4J's {@code nesterovs_updater} (Sutskever et al.
   * 2013); plain gradient descent without state at momentum 0.
   */
  record Momentum(double momentum) implements UpdateRule {

    public Momentum {
      fraction("momentum", momentum);
    }

    @Override
    public IUpdater updater(ISchedule learningRate) {
      return momentum == 0
          ? new org.nd4j.linalg.learning.config.Sgd(learningRate)
          : new Nesterovs(learningRate, momentum);
    }

    @Override
    public int states() {
      return momentum == 0 ? 0 : 1;
    }

    /** p = a * v; s = p - lr * g; u = p + b * s, or u = g * lr. */
    @Override
    public int flops() {
      return momentum == 0 ? 1 : 5;
    }
  }

  /**
   * The sign of an interpolated momentum (Chen et al. 2023, algorithm 2), half of Adam's state.
   *
   * @param beta1 weight of the momentum in the direction
   * @param beta2 decay of the momentum
   */
  record Lion(double beta1, double beta2) implements UpdateRule {

    public Lion {
      fraction("beta1", beta1);
      fraction("beta2", beta2);
    }

    @Override
    public IUpdater updater(ISchedule learningRate) {
      return new LionUpdater(learningRate, beta1, beta2);
    }

    @Override
    public int states() {
      return 1;
    }

    /** c = g * d + a * m; n = m * b + r * c; u = sign(c) * lr. */
    @Override
    public int flops() {
      return 8;
    }
  }

  /**
   * Means of squares by row and column in place of a moment for each element (Shazeer and Stern
   * 2018), so that the state is next to nothing.
   */
  record Adafactor() implements UpdateRule {

    @Override
    public IUpdater updater(ISchedule learningRate) {
      return new AdafactorUpdater(learningRate);
    }

    @Override
    public int states() {
      return 0;
    }

    @Override
    public int flops() {
      return FactoredDirection.FLOPS;
    }

    @Override
    public long furtherStates(TransformerShape shape) {
      return Parameters.of(shape).stream()
          .mapToLong(parameter -> AdafactorUpdater.stateSize(parameter.shape()))
          .sum();
    }

    @Override
    public long furtherFlops(TransformerShape shape) {
      return Parameters.of(shape).stream().mapToLong(Adafactor::furtherFlops).sum();
    }

    private static long furtherFlops(Parameter parameter) {
      long rows = parameter.shape().get(0);
      return parameter.shape().size() == 1
          ? (FactoredDirection.VECTOR_FLOPS - FactoredDirection.FLOPS) * rows
          : FactoredDirection.ROW_FLOPS * rows
              + (long) FactoredDirection.COLUMN_FLOPS * parameter.shape().get(1);
    }
  }

  private static void fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidInputException(
          "%s must be >= 0 and < 1, got %s; set --%s".formatted(name, value, name));
    }
  }
}
