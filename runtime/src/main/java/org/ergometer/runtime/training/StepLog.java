package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.ergometer.runtime.checkpoint.TrainingState.LogEnd;

/**
 * The file {@code log.jsonl}: one JSON object a step. Whole lines are written about once a second,
 * so that a reader, or a crash, never sees half a line of ours. Lines that cannot be written are
 * kept, and written with the next, as far as memory should go for them.
 *
 * <p>{@code seconds} is the wall clock since the line before, evaluations and saving included; of a
 * process's first line, since it began to train. {@code joules} is what was drawn since the line
 * before that has it. Steps are mostly shorter than the time between two samples of a sensor, so
 * that not every line has it.
 */
public final class StepLog implements TrainingObserver, Closeable {

  private static final long NANOS_BETWEEN_WRITES = 1_000_000_000L;

  /** Characters that are kept for a full disk, some 100,000 steps; the oldest go first. */
  private static final int MOST_PENDING = 1 << 24;

  private static final double NANOS_PER_SECOND = 1e9;

  private final FileChannel file;
  private final Supplier<OptionalDouble> joules;
  private final LongSupplier nanoTime;
  private final CRC32C checksum;
  private final StringBuilder pending = new StringBuilder();
  private long length;
  private long lastWrite;
  private long lastStep;
  private double loggedJoules;

  /**
   * A log that begins: what the file holds goes away.
   *
   * @param joules that the process has drawn until now; empty while unknown
   */
  public StepLog(Path path, Supplier<OptionalDouble> joules, LongSupplier nanoTime)
      throws IOException {
    this(path, 0, new CRC32C(), joules, nanoTime);
  }

  private StepLog(
      Path path,
      long length,
      CRC32C checksum,
      Supplier<OptionalDouble> joules,
      LongSupplier nanoTime)
      throws IOException {
    this.file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    this.length = length;
    this.checksum = checksum;
    this.joules = joules;
    this.nanoTime = nanoTime;
    this.lastWrite = nanoTime.getAsLong();
    this.lastStep = lastWrite;
    this.loggedJoules = joules.get().orElse(0);
    file.truncate(length);
  }

  /**
   * A log that goes on where it ended when a checkpoint was saved: what follows goes away.
   *
   * @param warn is told in a line if the file is not as it was then; its whole lines stay
   */
  public static StepLog resume(
      Path path,
      LogEnd end,
      Consumer<String> warn,
      Supplier<OptionalDouble> joules,
      LongSupplier nanoTime)
      throws IOException {
    CRC32C checksum = new CRC32C();
    long length = readLines(path, end.bytes(), checksum);
    if (length != end.bytes() || checksum.getValue() != end.crc32c()) {
      warn.accept(
          "%s is not as it was when the checkpoint was saved: %s bytes, expected %s with CRC-32C %08x; its whole lines stay"
              .formatted(path.getFileName(), length, end.bytes(), end.crc32c()));
    }
    return new StepLog(path, length, checksum, joules, nanoTime);
  }

  /** Adds the whole lines within the first {@code limit} bytes to a checksum; gives their bytes. */
  private static long readLines(Path path, long limit, CRC32C checksum) throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
    long whole = 0;
    long read = 0;
    StringBuilder line = new StringBuilder();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      for (int next = in.read(); next >= 0 && read < limit; next = in.read()) {
        read++;
        line.append((char) next);
        if (next == '\n') {
          checksum.update(line.toString().getBytes(ISO_8859_1));
          line.setLength(0);
          whole = read;
        }
      }
    }
    return whole;
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    pending.append("{\"step\":").append(step.number());
    number("loss", step.loss());
    number("learning_rate", step.learningRate());
    number("gradient_norm", step.gradientNorm());
    if (!step.applied()) {
      pending.append(",\"skipped\":true");
    }
    if (step.lossScale() != null) {
      number("loss_scale", step.lossScale());
    }
    number("tokens_per_second", step.tokensPerSecond());
    if (step.validationLoss() != null) {
      number("validation_loss", step.validationLoss());
    }
    if (step.flops() != null) {
      pending.append(",\"flops\":").append(step.flops());
    }
    long now = nanoTime.getAsLong();
    number("seconds", (now - lastStep) / NANOS_PER_SECOND);
    lastStep = now;
    double drawn = joules.get().orElse(0);
    if (drawn > loggedJoules) {
      number("joules", drawn - loggedJoules);
      loggedJoules = drawn;
    }
    pending.append("}\n");
    if (pending.length() > MOST_PENDING) {
      pending.delete(0, pending.indexOf("\n", MOST_PENDING / 2) + 1);
    }
    if (now - lastWrite >= NANOS_BETWEEN_WRITES) {
      write();
    }
  }

  /** A number that is none (not a number, infinite) has no JSON form and is left out. */
  private void number(String key, double value) {
    if (Double.isFinite(value)) {
      pending.append(",\"").append(key).append("\":").append(value);
    }
  }

  /** Brings all lines to the disk; tells how far the log reaches then. */
  public LogEnd sync() throws IOException {
    write();
    file.force(false);
    return new LogEnd(length, checksum.getValue());
  }

  /** Lines of which only a part fits on the disk are taken back, if the disk lets us. */
  private void write() throws IOException {
    lastWrite = nanoTime.getAsLong();
    byte[] lines = pending.toString().getBytes(UTF_8);
    ByteBuffer buffer = ByteBuffer.wrap(lines);
    try {
      while (buffer.hasRemaining()) {
        file.write(buffer, length + buffer.position());
      }
    } catch (IOException e) {
      file.truncate(length);
      throw e;
    }
    length += lines.length;
    checksum.update(lines);
    pending.setLength(0);
  }

  @Override
  public void close() throws IOException {
    try (file) {
      write();
    }
  }
}
