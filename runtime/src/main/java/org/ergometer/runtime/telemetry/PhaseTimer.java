package org.ergometer.runtime.telemetry;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.op.Scope;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/**
 * Tells the metrics how long each phase of a step took: wall clock between the changes of the
 * training thread's phase. What belongs to no phase of training is not told.
 */
public final class PhaseTimer implements TrainingObserver, AutoCloseable {

  private final TrainingProgress progress;
  private final LongSupplier nanoTime;
  private final Scope scope = Scope.current();
  private final Consumer<Phase> watcher = this::changed;
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Phase phase = scope.phase();
  private long since;

  /** Begins to watch the thread it is made on, which must be the one that trains. */
  public PhaseTimer(TrainingProgress progress, LongSupplier nanoTime) {
    this.progress = progress;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
    scope.watch(watcher);
  }

  @Override
  public void stepDone(TrainingStep step) {
    changed(phase);
    nanos.remove(Phase.OTHER);
    nanos.forEach(progress::phaseDone);
    nanos.clear();
  }

  @Override
  public void close() {
    scope.unwatch(watcher);
  }

  private void changed(Phase next) {
    long now = nanoTime.getAsLong();
    nanos.merge(phase, now - since, Long::sum);
    since = now;
    phase = next;
  }
}
