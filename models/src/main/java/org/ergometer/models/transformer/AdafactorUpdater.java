package org.ergometer.models.transformer;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Adafactor (Shazeer and Stern 2018, algorithms 4 and 5) as DL4J knows update rules, without a
 * momentum and at the learning rate that is given: the state of a matrix is a number for each of
 * its rows and columns. The decay is not part of it.
 *
 * <p>DL4J merges neighbouring parameters whose rules are equal; this one is another for each.
 */
final class AdafactorUpdater implements IUpdater {

  @JsonProperty("learningRateSchedule")
  private ISchedule learningRateSchedule;

  /** Of which parameter; of none where it only says what the rule is. */
  @JsonIgnore private final String parameter;

  @JsonIgnore private final List<Integer> extents;

  @JsonCreator
  AdafactorUpdater(@JsonProperty("learningRateSchedule") ISchedule learningRateSchedule) {
    this(learningRateSchedule, "", List.of());
  }

  private AdafactorUpdater(
      ISchedule learningRateSchedule, String parameter, List<Integer> extents) {
    this.learningRateSchedule = learningRateSchedule;
    this.parameter = parameter;
    this.extents = extents;
  }

  /** The rule of one parameter of a layer. */
  AdafactorUpdater of(String layer, Parameter one) {
    return new AdafactorUpdater(learningRateSchedule, layer + "." + one.name(), one.shape());
  }

  /** Elements of state: rows and columns of a matrix, and all of a vector. */
  static long stateSize(List<Integer> extents) {
    return extents.stream().mapToLong(Integer::longValue).sum();
  }

  @Override
  public long stateSize(long numParams) {
    return stateSize(extents);
  }

  @Override
  public GradientUpdater<AdafactorUpdater> instantiate(INDArray viewArray, boolean initialize) {
    INDArray state = viewArray.reshape(viewArray.length());
    if (initialize) {
      state.assign(0);
    }
    return new FactoredDirection(this, extents, state);
  }

  @Override
  public GradientUpdater<AdafactorUpdater> instantiate(
      Map<String, INDArray> state, boolean initialize) {
    return instantiate(
        Objects.requireNonNull(state.get(FactoredDirection.STATE), FactoredDirection.STATE),
        initialize);
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
  public AdafactorUpdater clone() {
    return new AdafactorUpdater(learningRateSchedule, parameter, extents);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AdafactorUpdater same
        && same.parameter.equals(parameter)
        && same.extents.equals(extents)
        && same.learningRateSchedule.equals(learningRateSchedule);
  }

  @Override
  public int hashCode() {
    return Objects.hash(parameter, extents, learningRateSchedule);
  }
}
