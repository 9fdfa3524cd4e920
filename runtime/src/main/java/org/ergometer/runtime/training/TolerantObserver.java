package org.ergometer.runtime.training;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.ergometer.runtime.storage.FileProblem;

/**
 * Lets training go on where what another observer writes cannot be written, as on a full disk: says
 * so in a line, at once and then at most once an hour.
 */
public final class TolerantObserver implements TrainingObserver {

  private static final long NANOS_BETWEEN_WARNINGS = 3_600_000_000_000L;

  private final TrainingObserver observer;
  private final String written;
  private final Consumer<String> warn;
  private final LongSupplier nanoTime;
  private boolean warned;
  private long lastWarning;

  /**
   * Stands in front of an observer.
   *
   * @param written what it writes, in words
   */
  public TolerantObserver(
      TrainingObserver observer, String written, Consumer<String> warn, LongSupplier nanoTime) {
    this.observer = observer;
    this.written = written;
    this.warn = warn;
    this.nanoTime = nanoTime;
  }

  @Override
  public void stepDone(TrainingStep step) {
    try {
      observer.stepDone(step);
    } catch (IOException e) {
      long now = nanoTime.getAsLong();
      if (!warned || now - lastWarning >= NANOS_BETWEEN_WARNINGS) {
        warned = true;
        lastWarning = now;
        warn.accept(
            "step %s: %s cannot be written (%s); training goes on, what was saved before stands"
                .formatted(step.number(), written, FileProblem.withFile(e)));
      }
    }
  }
}
