package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongSupplier;

/**
 * The file {@code log.jsonl}: one JSON object a step. Whole lines are written about once a second,
 * so that a reader, or a crash, never sees half a line of ours.
 */
public final class StepLog implements TrainingObserver, Closeable {

  private static final long NANOS_BETWEEN_WRITES = 1_000_000_000L;

  private final OutputStream file;
  private final LongSupplier nanoTime;
  private final StringBuilder pending = new StringBuilder();
  private long lastWrite;

  public StepLog(Path path, LongSupplier nanoTime) throws IOException {
    this.file = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    this.nanoTime = nanoTime;
    this.lastWrite = nanoTime.getAsLong();
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    pending.append("{\"step\":").append(step.number());
    number("loss", step.loss());
    number("learning_rate", step.learningRate());
    number("gradient_norm", step.gradientNorm());
    number("tokens_per_second", step.tokensPerSecond());
    if (step.validationLoss() != null) {
      number("validation_loss", step.validationLoss());
    }
    if (step.flops() != null) {
      pending.append(",\"flops\":").append(step.flops());
    }
    pending.append("}\n");
    if (nanoTime.getAsLong() - lastWrite >= NANOS_BETWEEN_WRITES) {
      write();
    }
  }

  /** A number that is none (not a number, infinite) has no JSON form and is left out. */
  private void number(String key, double value) {
    if (Double.isFinite(value)) {
      pending.append(",\"").append(key).append("\":").append(value);
    }
  }

  private void write() throws IOException {
    file.write(pending.toString().getBytes(UTF_8));
    pending.setLength(0);
    lastWrite = nanoTime.getAsLong();
  }

  @Override
  public void close() throws IOException {
    write();
    file.close();
  }
}
