package org.ergometer.runtime.energy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.EnergySampler;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Footprint;
import org.ergometer.accounting.energy.PhaseClock;
import org.ergometer.accounting.energy.SensorStatus;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.runtime.config.EnergyConfig;
import org.ergometer.runtime.config.TariffConfig;
import org.jspecify.annotations.Nullable;

/**
 * Meters the energy of a run on its sensors: first at rest, then through the phases of the thread
 * that trains, which makes and closes this.
 */
public final class RunEnergy implements AutoCloseable {

  /** Phase of the rest before training, which is no part of the run. */
  public static final String IDLE = "idle";

  /** Phase of saving the model. */
  public static final String CHECKPOINT = "checkpoint";

  /** Phase of steps that are measured to compare with, which are no part of the run either. */
  public static final String BASELINE = "baseline";

  /** Phase of what makes those steps possible, and is not measured with them. */
  public static final String BASELINE_SETUP = "baseline_setup";

  private static final double USUAL_REST_SECONDS = 3;
  private static final long NANOS_BETWEEN_LOOKS = 50_000_000L;
  private static final double NANOS_PER_SECOND = 1e9;

  private final EnergyConfig config;
  private final EnergySensors sensors;
  private final EnergyHistory earlier;
  private final PhaseClock clock;
  private final EnergySampler sampler;
  private final Consumer<Phase> watcher;
  private @Nullable Scope watched;
  private long startNanos;
  private volatile @Nullable Long endNanos;
  private long restNanos;

  private RunEnergy(EnergyConfig config, EnergySensors sensors, EnergyHistory earlier) {
    this.config = config;
    this.sensors = sensors;
    this.earlier = earlier;
    this.clock = new PhaseClock(phases(), System::nanoTime);
    this.watcher = phase -> clock.switchTo(phase.label());
    this.sampler = EnergySampler.start(sensors.meters(), clock);
    this.startNanos = System.nanoTime();
  }

  /**
   * Looks for sensors and begins to meter the rest.
   *
   * @param gpu number of the GPU that does the work, as the driver counts; null where none does
   * @param earlier what earlier processes of the run drew
   * @throws IllegalArgumentException if what was configured is no sensor, or a budget is set of
   *     which nothing can be known
   */
  public static RunEnergy start(EnergyConfig config, @Nullable Integer gpu, EnergyHistory earlier) {
    EnergySensors sensors =
        config.enabled()
            ? EnergySensors.discover(config.sensors().wanted(gpu), System::nanoTime)
            : new EnergySensors(List.of(), List.of());
    EnergyBudgets.check(config, !sensors.meters().isEmpty());
    return new RunEnergy(config, sensors, earlier);
  }

  /**
   * Finds out whether prices and intensities are there for what budgets limit, and looks for no
   * sensor.
   *
   * @throws IllegalArgumentException if one is not
   */
  public static void requireKnownPrices(EnergyConfig config) {
    EnergyBudgets.check(config, config.enabled());
  }

  private static List<String> phases() {
    List<String> phases = new ArrayList<>(List.of(IDLE));
    Arrays.stream(Phase.values()).map(Phase::label).forEach(phases::add);
    phases.addAll(List.of(CHECKPOINT, BASELINE, BASELINE_SETUP));
    return phases;
  }

  /** Whether a phase is one of the run's, and not of the rest before it or of a baseline. */
  public static boolean isOfRun(String phase) {
    return !Set.of(IDLE, BASELINE, BASELINE_SETUP).contains(phase);
  }

  /** Waits for as long as the rest is to be metered, or until told to stop. */
  public void rest(BooleanSupplier stop) {
    double standard = sensors.measured() ? USUAL_REST_SECONDS : 0;
    double wanted = config.idleSeconds() == null ? standard : config.idleSeconds();
    long start = System.nanoTime();
    long nanos = sensors.meters().isEmpty() ? 0 : Math.round(wanted * NANOS_PER_SECOND);
    while (System.nanoTime() - start < nanos && !stop.getAsBoolean()) {
      LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
    }
    restNanos = nanos == 0 ? 0 : System.nanoTime() - start;
  }

  /** Ends the rest: from now on energy belongs to the phases of the current thread. */
  public void begin() {
    sampler.sample();
    startNanos = System.nanoTime();
    Scope scope = Scope.current();
    clock.switchTo(scope.phase().label());
    scope.watch(watcher);
    watched = scope;
  }

  /** The phase of saving the model, until what this gives is closed. */
  public Saving saving() {
    return phase(CHECKPOINT);
  }

  /** Does work that is none of the run's, though its sensors see it. */
  public void aside(Runnable work) {
    try (Saving setup = phase(BASELINE_SETUP)) {
      work.run();
    }
  }

  /** Says, within {@link #aside}, that a step to compare with begins, or has ended. */
  public void measureBaseline(boolean begins) {
    clock.switchTo(begins ? BASELINE : BASELINE_SETUP);
  }

  /** Whether a phase is a part of a training step. */
  public static boolean isOfStep(String phase) {
    return Stream.of(Phase.FORWARD, Phase.BACKWARD, Phase.RECOMPUTE, Phase.UPDATE)
        .anyMatch(part -> part.label().equals(phase));
  }

  private Saving phase(String name) {
    String before = clock.phase();
    clock.switchTo(name);
    return () -> clock.switchTo(before);
  }

  /** While the model is saved, or a baseline is measured. */
  @FunctionalInterface
  public interface Saving extends AutoCloseable {
    @Override
    void close();
  }

  /** Looks at the meters now, whenever they were looked at last. */
  public void look() {
    sampler.sample();
  }

  /** Everything metered since this process began to, the rest included. */
  public EnergySnapshot snapshot() {
    return sampler.snapshot();
  }

  /** The power of the run from now on. */
  public MeanPower power() {
    return new MeanPower(sampler::snapshot);
  }

  /** The energy of this process. */
  public EnergyHistory own() {
    return new EnergyHistory(sampler.snapshot(), restNanos, ownNanos(), 0);
  }

  /** The energy of the run, earlier processes included. */
  public EnergyHistory ofRun() {
    return earlier.plus(own());
  }

  /** Seconds of the run without its rests, earlier processes included. */
  public double seconds() {
    return earlier.seconds() + ownSeconds();
  }

  private double ownSeconds() {
    return ownNanos() / NANOS_PER_SECOND;
  }

  private long ownNanos() {
    Long end = endNanos;
    return (end == null ? System.nanoTime() : end) - startNanos;
  }

  /**
   * Joules of this process in some phases, by sensors alone; null where there is none, and where a
   * part is an estimate.
   */
  public @Nullable Double measuredJoules(Predicate<String> phases) {
    EnergySnapshot own = sampler.snapshot();
    boolean measured =
        own.domains().stream()
            .filter(DomainEnergy::known)
            .allMatch(domain -> domain.domain().method().measured());
    return measured ? boxed(own.joules(phases)) : null;
  }

  /** What energy and time cost. */
  public TariffConfig tariff() {
    return config.tariff();
  }

  /** Watts of the processors at full load, where they alone do the work; null if unknown. */
  public @Nullable Double fullLoadWatts() {
    boolean gpus =
        sensors.meters().stream()
            .flatMap(meter -> meter.domains().stream())
            .anyMatch(domain -> domain.device().startsWith("gpu"));
    return gpus ? null : boxed(EnergySensors.fullLoadWatts(config.sensors().cpuWatts()));
  }

  /** Joules of this process, without the rest; empty while unknown. */
  public OptionalDouble ownJoules() {
    return sampler.joules(RunEnergy::isOfRun);
  }

  /** Joules of the run without its rests, earlier processes included; empty while unknown. */
  public OptionalDouble joules() {
    OptionalDouble own = ownJoules();
    OptionalDouble before = earlier.joules();
    return own.isPresent() && before.isPresent()
        ? OptionalDouble.of(before.getAsDouble() + own.getAsDouble())
        : own.isPresent() ? own : before;
  }

  /** Emissions and price of the run until now, earlier processes included. */
  public Footprint footprint() {
    return config.tariff().tariff().footprint(boxed(joules()), seconds());
  }

  /** Emissions and price of everything that this process metered, the rest included. */
  public Footprint footprint(EnergySnapshot all) {
    return config
        .tariff()
        .tariff()
        .footprint(boxed(all.joules(phase -> true)), ownSeconds() + restNanos / NANOS_PER_SECOND);
  }

  /** What the energy is of, or why it is unknown, in one line; then what would help, once. */
  public List<String> describe() {
    if (!config.enabled()) {
      return List.of();
    }
    List<SensorStatus> statuses =
        sensors.statuses().stream()
            .filter(status -> !isAbsentDriver(status) || config.sensors().nvmlLibrary() != null)
            .toList();
    String used =
        statuses.stream()
            .filter(SensorStatus::counted)
            .map(status -> "%s (%s)".formatted(status.sensor(), status.reason()))
            .collect(Collectors.joining(", "));
    if (used.isEmpty()) {
      return List.of(
          "energy is unknown: "
              + statuses.stream()
                  .filter(status -> !status.readable())
                  .map(SensorStatus::line)
                  .collect(Collectors.joining("; ")));
    }
    List<String> lines = new ArrayList<>();
    lines.add((sensors.measured() ? "energy from " : "energy is estimated: ") + used);
    statuses.stream()
        .filter(status -> status.remedy() != null)
        .map(SensorStatus::line)
        .forEach(lines::add);
    return lines;
  }

  /** Most machines have no GPU, and need not be told so. */
  private static boolean isAbsentDriver(SensorStatus status) {
    return status.sensor().equals("nvml");
  }

  static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Looks at the sensors a last time: the run's energy and time stay what they are now. */
  @Override
  public void close() {
    if (watched != null) {
      watched.unwatch(watcher);
      watched = null;
    }
    sampler.close();
    endNanos = endNanos == null ? (Long) System.nanoTime() : endNanos;
  }
}
