package org.ergometer.runtime.training;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Has the ledger's journal written between two steps, about every two seconds: what a killed
 * process did after that, at most so long and one step, is in no total.
 */
public final class JournalKeeper implements TrainingObserver {

  private static final long NANOS_BETWEEN_RECORDS = 2_000_000_000L;

  private final Recording recording;
  private final LongSupplier nanoTime;
  private long lastRecord;

  /** Appends a record of everything that was executed until now. */
  @FunctionalInterface
  public interface Recording {
    void record() throws IOException;
  }

  public JournalKeeper(Recording recording, LongSupplier nanoTime) {
    this.recording = recording;
    this.nanoTime = nanoTime;
    this.lastRecord = nanoTime.getAsLong();
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    long now = nanoTime.getAsLong();
    if (step.number() == 1 || now - lastRecord >= NANOS_BETWEEN_RECORDS) {
      lastRecord = now;
      recording.record();
    }
  }
}
