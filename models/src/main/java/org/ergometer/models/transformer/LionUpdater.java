package org.ergometer.models.transformer;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.same.Sign;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Lion (Chen et al. 2023, algorithm 2) as DL4J knows update rules: lr · sign(c), with c = β1·m + (1
 * − β1)·g, then m ← β2·m + (1 − β2)·g. The decay is not part of it.
 */
final class LionUpdater implements IUpdater {

  private static final String MOMENTUM = "M";

  @JsonProperty("beta1")
  private final double beta1;

  @JsonProperty("beta2")
  private final double beta2;

  @JsonProperty("learningRateSchedule")
  private ISchedule learningRateSchedule;

  LionUpdater(
      @JsonProperty("learningRateSchedule") ISchedule learningRateSchedule,
      @JsonProperty("beta1") double beta1,
      @JsonProperty("beta2") double beta2) {
    this.learningRateSchedule = learningRateSchedule;
    this.beta1 = beta1;
    this.beta2 = beta2;
  }

  @Override
  public long stateSize(long numParams) {
    return numParams;
  }

  @Override
  public GradientUpdater<LionUpdater> instantiate(INDArray viewArray, boolean initialize) {
    Direction direction = new Direction(this);
    INDArray flat = viewArray.reshape(viewArray.length());
    direction.setStateViewArray(flat, flat.shape(), flat.ordering(), initialize);
    return direction;
  }

  @Override
  public GradientUpdater<LionUpdater> instantiate(Map<String, INDArray> state, boolean initialize) {
    Direction direction = new Direction(this);
    direction.setState(state, initialize);
    return direction;
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule schedule) {
    learningRateSchedule = schedule;
  }

  @Override
  public LionUpdater clone() {
    return new LionUpdater(learningRateSchedule, beta1, beta2);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LionUpdater lion
        && lion.beta1 == beta1
        && lion.beta2 == beta2
        && lion.learningRateSchedule.equals(learningRateSchedule);
  }

  @Override
  public int hashCode() {
    return Objects.hash(beta1, beta2, learningRateSchedule);
  }

  /** The rule with its state. */
  private static final class Direction implements GradientUpdater<LionUpdater> {

    private final LionUpdater rule;
    private @Nullable INDArray momentum;
    private @Nullable Kernels kernels;

    /**
     * g becomes c, and m follows from c without memory of its own: (1 − β2)·g = r·(c − β1·m) with r
     * = (1 − β2) / (1 − β1).
     */
    private record Kernels(
        Kernel multiply,
        INDArray ofGradient,
        Kernel addMomentum,
        INDArray ofMomentum,
        Kernel addDirection,
        INDArray rate) {

      static Kernels of(DataType type, double beta1, double beta2) {
        double ratio = (1 - beta2) / (1 - beta1);
        return new Kernels(
            new Kernel("multiply"),
            TensorOps.constant(type, 1 - beta1),
            new Kernel("axpy").reals(beta1),
            TensorOps.constant(type, beta2 - beta1 * ratio),
            new Kernel("axpy").reals(ratio),
            TensorOps.constant(type, 0));
      }
    }

    Direction(LionUpdater rule) {
      this.rule = rule;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {
      momentum = Objects.requireNonNull(state.get(MOMENTUM), MOMENTUM);
    }

    @Override
    public Map<String, INDArray> getState() {
      return Map.of(MOMENTUM, Objects.requireNonNull(momentum, "state before it is set"));
    }

    @Override
    public void setStateViewArray(
        INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
      if (initialize) {
        viewArray.assign(0);
      }
      momentum = viewArray.reshape(gradientOrder, gradientShape);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      INDArray m = Objects.requireNonNull(momentum, "state before it is set");
      INDArray c = gradient.reshape(m.shape());
      Kernels with = kernels;
      if (with == null) {
        with = Kernels.of(m.dataType(), rule.beta1, rule.beta2);
        kernels = with;
      }
      with.multiply.run(c, c, with.ofGradient);
      with.addMomentum.run(c, c, m);
      with.multiply.run(m, m, with.ofMomentum);
      with.addDirection.run(m, m, c);
      Nd4j.exec(new Sign(c, c));
      with.multiply.run(c, c, with.rate.putScalar(0, rule.getLearningRate(iteration, epoch)));
    }

    @Override
    public LionUpdater getConfig() {
      return rule;
    }
  }
}
