package org.ergometer.accounting.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.op.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Exports a ledger and a training run as the metrics of {@link Metric}.
 *
 * <pre>{@code
 * ErgometerMetrics metrics = new ErgometerMetrics(ledger, progress);
 * metrics.bindTo(registry);
 * String text = metrics.scrape(() -> registry.scrape());
 * }</pre>
 *
 * <p>Every value within one {@link #scrape} comes from one snapshot, so that phases, layers and op
 * classes add up; series that appear while training (a new phase, layer, data type) are registered
 * then. Read without {@link #scrape} or {@link #refresh}, the registry shows the snapshot before.
 */
public final class ErgometerMetrics implements MeterBinder {

  private static final Duration[] STEP_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(200),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1)
  };

  private final Ledger ledger;
  private final TrainingProgress progress;
  private final Map<String, String> build;
  private final List<Published> registries = new ArrayList<>();

  public ErgometerMetrics(Ledger ledger, TrainingProgress progress) {
    this(ledger, progress, buildInfo());
  }

  /**
   * @param build label values of {@code ergometer_build_info}
   */
  public ErgometerMetrics(Ledger ledger, TrainingProgress progress, Map<String, String> build) {
    this.ledger = ledger;
    this.progress = progress;
    this.build = Map.copyOf(build);
  }

  /** Registers everything that is known now, and the rest as it becomes known. */
  @Override
  public synchronized void bindTo(MeterRegistry registry) {
    Published published = new Published(registry);
    registries.add(published);
    progress.listen(published);
    published.show(samples());
  }

  /** Takes one snapshot and shows it in every registry this is bound to. */
  public synchronized void refresh() {
    List<Sample> samples = samples();
    registries.forEach(published -> published.show(samples));
  }

  /**
   * Takes one snapshot and reads it with {@code read}, such as a registry's scrape; no other
   * refresh comes between.
   */
  public synchronized <T> T scrape(Supplier<T> read) {
    refresh();
    return read.get();
  }

  private List<Sample> samples() {
    List<Sample> samples =
        new ArrayList<>(Samples.of(ledger.snapshot(), ledger.overheadSeconds(), progress.state()));
    samples.add(Sample.info(Metric.BUILD_INFO, build));
    return samples;
  }

  private static Map<String, String> buildInfo() {
    String version = ErgometerMetrics.class.getPackage().getImplementationVersion();
    return Map.of(
        "version",
        version == null ? "unpackaged" : version,
        "java",
        System.getProperty("java.version", "unknown"));
  }

  /** What one registry shows. Meters hold their values weakly; here they are held. */
  private static final class Published implements TrainingProgress.DurationListener {

    private final MeterRegistry registry;
    private final Map<Sample.Series, Value> values = new HashMap<>();
    private final Timer stepTimer;

    Published(MeterRegistry registry) {
      this.registry = registry;
      this.stepTimer = timer(Metric.STEP_DURATION).register(registry);
    }

    void show(List<Sample> samples) {
      Set<Sample.Series> known = new HashSet<>();
      for (Sample sample : samples) {
        known.add(sample.series());
        values.computeIfAbsent(sample.series(), this::register).number = sample.value();
      }
      values.entrySet().removeIf(entry -> vanished(entry.getKey(), entry.getValue(), known));
    }

    /** A gauge that is unknown again is not shown; a counter stays. */
    private boolean vanished(Sample.Series series, Value value, Set<Sample.Series> known) {
      boolean vanished = series.metric().kind() == Metric.Kind.GAUGE && !known.contains(series);
      if (vanished && value.meter != null) {
        registry.remove(value.meter);
      }
      return vanished;
    }

    private Value register(Sample.Series series) {
      Metric metric = series.metric();
      Value value = new Value();
      value.meter =
          switch (metric.kind()) {
            case COUNTER ->
                FunctionCounter.builder(metric.meterName(), value, current -> current.number)
                    .tags(series.tags())
                    .baseUnit(metric.unit())
                    .description(metric.help())
                    .register(registry);
            case GAUGE ->
                Gauge.builder(metric.meterName(), value, current -> current.number)
                    .tags(series.tags())
                    .baseUnit(metric.unit())
                    .description(metric.help())
                    .register(registry);
            case TIMER -> throw new IllegalArgumentException(metric + " is recorded, not sampled");
          };
      return value;
    }

    @Override
    public void stepTook(long nanos) {
      stepTimer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** An evaluation comes after the first steps; its time, too, begins at 0. */
    @Override
    public void phaseTook(Phase phase, long nanos) {
      phaseTimer(Phase.EVALUATION);
      phaseTimer(phase).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer phaseTimer(Phase phase) {
      return timer(Metric.PHASE_DURATION).tag("phase", phase.label()).register(registry);
    }

    private static Timer.Builder timer(Metric metric) {
      return Timer.builder(metric.meterName())
          .description(metric.help())
          .serviceLevelObjectives(STEP_BUCKETS);
    }
  }

  /** Latest value of a series; volatile, since a registry may be read at any time. */
  private static final class Value {
    private volatile double number;
    private @Nullable Meter meter;
  }
}
