package org.ergometer.accounting.metrics;

import java.math.BigInteger;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.Utilization;
import org.jspecify.annotations.Nullable;

/**
 * Where a training run is: written by the trainer, read by a scrape, on different threads.
 *
 * <p>What has not happened yet is absent, not 0: there is no loss before the first step.
 */
public final class TrainingProgress {

  /** Part of the data that tokens and losses belong to; names are label values. */
  public enum Split {
    TRAIN("train"),
    VALIDATION("validation");

    private final String label;

    Split(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** What became of a step. */
  public enum Outcome {
    /** Parameters were updated. */
    APPLIED("applied"),
    /** The gradient was not finite, the parameters stayed. */
    SKIPPED("skipped");

    private final String label;

    Outcome(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * A training step that is over.
   *
   * @param tokens tokens that the parameters learned from; 0 where it was skipped
   * @param loss mean loss per token
   * @param gradientNorm norm before clipping
   * @param nanos wall clock
   */
  public record Step(
      Outcome outcome,
      long tokens,
      double loss,
      double learningRate,
      double gradientNorm,
      long nanos) {}

  /** What processes before this one did for the run. */
  record Earlier(BigInteger flops, long trainingTokens, long skippedSteps) {}

  /** Everything at one instant; maps hold only what is known. */
  record State(
      Map<Split, Long> tokens,
      Map<Outcome, Long> steps,
      Map<Split, Double> losses,
      OptionalDouble learningRate,
      OptionalDouble gradientNorm,
      OptionalDouble lossScale,
      OptionalDouble ratio,
      OptionalDouble remainingSeconds,
      Map<Phase, BigInteger> predictedFlops,
      Optional<Earlier> earlier,
      Optional<String> status,
      Map<String, BigInteger> reconciliation,
      Map<String, String> identity,
      Map<String, String> device,
      Optional<Peak> peak,
      Optional<Utilization> utilization,
      Optional<EnergyState> energy) {}

  /** Is told how long something took, on the trainer's thread. */
  interface DurationListener {
    void stepTook(long nanos);

    void phaseTook(Phase phase, long nanos);
  }

  private final List<DurationListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<Split, Long> tokens = new EnumMap<>(Split.class);
  private final Map<Outcome, Long> steps = new EnumMap<>(Outcome.class);
  private final Map<Split, Double> losses = new EnumMap<>(Split.class);
  private final Map<Phase, BigInteger> predictedFlops = new EnumMap<>(Phase.class);
  private final Map<String, BigInteger> reconciliation = new TreeMap<>();
  private final Map<String, String> identity = new TreeMap<>();
  private final Map<String, String> device = new TreeMap<>();
  private OptionalDouble learningRate = OptionalDouble.empty();
  private OptionalDouble gradientNorm = OptionalDouble.empty();
  private OptionalDouble lossScale = OptionalDouble.empty();
  private OptionalDouble ratio = OptionalDouble.empty();
  private OptionalDouble remainingSeconds = OptionalDouble.empty();
  private Optional<Earlier> earlier = Optional.empty();
  private Optional<String> status = Optional.empty();
  private Optional<Peak> peak = Optional.empty();
  private Optional<Utilization> utilization = Optional.empty();
  private @Nullable Supplier<EnergyState> energy;

  /** Says what the machine can do at most. */
  public synchronized void peak(Peak ofMachine) {
    peak = Optional.of(ofMachine);
  }

  /** Notes how much of the peak is used. */
  public synchronized void utilized(Utilization now) {
    utilization = Optional.of(now);
  }

  /** Says where the energy is asked for at each scrape. */
  public synchronized void energy(Supplier<EnergyState> ofProcess) {
    energy = ofProcess;
  }

  /** Names the run: label values of {@code ergometer_run_info}, such as run_id and model. */
  public synchronized void identify(Map<String, String> labels) {
    identity.putAll(labels);
  }

  /** Names what computes: label values of {@code ergometer_device_info}, such as cpu and blas. */
  public synchronized void device(Map<String, String> labels) {
    device.putAll(labels);
  }

  /** Says what the run did beyond its prediction until now, by cause. */
  public synchronized void reconciled(Map<String, BigInteger> flopsByCause) {
    reconciliation.clear();
    reconciliation.putAll(flopsByCause);
  }

  /**
   * Says what processes before this one did for the same run, 0 where it begins. Until then the
   * totals of the run are unknown, and absent.
   */
  public synchronized void continueFrom(BigInteger flops, long trainingTokens, long skippedSteps) {
    earlier = Optional.of(new Earlier(flops, trainingTokens, skippedSteps));
  }

  /** Says what the run is doing, such as running. */
  public synchronized void status(String now) {
    status = Optional.of(now);
  }

  /** Says how the run ended; whether all was done or not, no more is left. */
  public synchronized void ended(String how) {
    status = Optional.of(how);
    remainingSeconds = OptionalDouble.of(0);
  }

  /** Notes a training step that is over. */
  public void stepDone(Step step) {
    synchronized (this) {
      tokens.merge(Split.TRAIN, step.tokens(), Math::addExact);
      steps.merge(step.outcome(), 1L, Math::addExact);
      losses.put(Split.TRAIN, step.loss());
      learningRate = OptionalDouble.of(step.learningRate());
      gradientNorm = OptionalDouble.of(step.gradientNorm());
    }
    listeners.forEach(listener -> listener.stepTook(step.nanos()));
  }

  /** Notes what the loss of the last step was multiplied with. */
  public synchronized void lossScale(double factor) {
    lossScale = OptionalDouble.of(factor);
  }

  /** Notes how long one phase of a step took. */
  public void phaseDone(Phase phase, long nanos) {
    listeners.forEach(listener -> listener.phaseTook(phase, nanos));
  }

  /** Notes an evaluation on held-out data. */
  public synchronized void evaluated(long evaluatedTokens, double loss) {
    tokens.merge(Split.VALIDATION, evaluatedTokens, Math::addExact);
    losses.put(Split.VALIDATION, loss);
  }

  /** Adds what the closed form says the work just done takes, by phase. */
  public synchronized void predicted(Map<Phase, BigInteger> flops) {
    flops.forEach((phase, count) -> predictedFlops.merge(phase, count, BigInteger::add));
  }

  /**
   * How far the run is.
   *
   * @param done 0 to 1
   * @param seconds until its end, empty while unknown
   */
  public synchronized void advance(double done, OptionalDouble seconds) {
    ratio = OptionalDouble.of(done);
    remainingSeconds = seconds;
  }

  /**
   * Everything, energy first: its sensors may take their time, in which a step must not wait here.
   */
  State state() {
    Supplier<EnergyState> source;
    synchronized (this) {
      source = energy;
    }
    return state(Optional.ofNullable(source).map(Supplier::get));
  }

  private synchronized State state(Optional<EnergyState> drawn) {
    return new State(
        Map.copyOf(tokens),
        Map.copyOf(steps),
        Map.copyOf(losses),
        learningRate,
        gradientNorm,
        lossScale,
        ratio,
        remainingSeconds,
        Map.copyOf(predictedFlops),
        earlier,
        status,
        Map.copyOf(reconciliation),
        Map.copyOf(identity),
        Map.copyOf(device),
        peak,
        utilization,
        drawn);
  }

  void listen(DurationListener listener) {
    listeners.add(listener);
  }
}
