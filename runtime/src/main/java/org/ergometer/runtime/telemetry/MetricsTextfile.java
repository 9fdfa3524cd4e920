package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ergometer.runtime.storage.OutputFile;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/**
 * Keeps a file with the metrics of a run for node-exporter's textfile collector, which shows it
 * also when the run is over. It is replaced as a whole; a reader never sees half of it.
 */
public final class MetricsTextfile implements TrainingObserver {

  private static final long NANOS_BETWEEN_WRITES = 10_000_000_000L;

  private final Path file;
  private final Supplier<String> text;
  private final LongSupplier nanoTime;
  private long lastWrite;

  public MetricsTextfile(Path file, Supplier<String> text, LongSupplier nanoTime) {
    this.file = file;
    this.text = text;
    this.nanoTime = nanoTime;
    this.lastWrite = nanoTime.getAsLong() - NANOS_BETWEEN_WRITES;
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    if (nanoTime.getAsLong() - lastWrite >= NANOS_BETWEEN_WRITES) {
      lastWrite = nanoTime.getAsLong();
      write();
    }
  }

  /** Writes what is known now. */
  public void write() throws IOException {
    OutputFile.write(file, out -> out.write(text.get().getBytes(UTF_8)));
  }
}
