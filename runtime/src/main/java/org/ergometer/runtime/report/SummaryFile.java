package org.ergometer.runtime.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/** Keeps {@code summary.json} of a run up to date while it trains. */
public final class SummaryFile implements TrainingObserver {

  private static final long NANOS_BETWEEN_WRITES = 5_000_000_000L;

  private final Path file;
  private final Consumer<RunSummary> listener;
  private final Function<RunStatus, RunFacts> facts;
  private final LongSupplier nanoTime;
  private long lastWrite;

  /**
   * The summary of a run.
   *
   * @param facts what is known of the run at the moment, under the status it is given
   * @param listener is shown every summary before it is written
   */
  public SummaryFile(
      Path file,
      Function<RunStatus, RunFacts> facts,
      Consumer<RunSummary> listener,
      LongSupplier nanoTime) {
    this.file = file;
    this.facts = facts;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.lastWrite = nanoTime.getAsLong();
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    if (step.number() == 1 || nanoTime.getAsLong() - lastWrite >= NANOS_BETWEEN_WRITES) {
      lastWrite = nanoTime.getAsLong();
      write(make(RunStatus.INTERRUPTED));
    }
  }

  /** What is known now. */
  public RunSummary make(RunStatus status) {
    RunSummary summary = RunSummary.of(facts.apply(status));
    listener.accept(summary);
    return summary;
  }

  /** Writes a summary. */
  public void write(RunSummary summary) throws IOException {
    AtomicFile.write(file, summary.text());
  }
}
