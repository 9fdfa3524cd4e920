package org.ergometer.runtime.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints while training goes on, one after the other: training waits for the disk only
 * where one is due before the last is written. For the thread that trains.
 */
public final class CheckpointWriter implements Closeable {

  private final CheckpointStore store;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread writer = new Thread(work, "checkpoint-writer");
            writer.setDaemon(true);
            return writer;
          });
  private @Nullable Future<?> pending;

  public CheckpointWriter(CheckpointStore store) {
    this.store = store;
  }

  /**
   * Begins to write a checkpoint, whose arrays must no longer change.
   *
   * @throws IOException if the one before could not be written; then this one is not begun
   */
  public void write(Checkpoint checkpoint, int keep) throws IOException {
    finish();
    pending =
        thread.submit(
            () -> {
              store.save(checkpoint, keep);
              return null;
            });
  }

  /**
   * Looks whether what was begun went well, without waiting for it.
   *
   * @throws IOException if it did not
   */
  public void check() throws IOException {
    if (pending != null && pending.isDone()) {
      finish();
    }
  }

  /**
   * Waits until what was begun is on the disk.
   *
   * @throws IOException if it cannot be written
   */
  public void finish() throws IOException {
    Future<?> begun = pending;
    pending = null;
    if (begun == null) {
      return;
    }
    try {
      begun.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(cause.getMessage(), cause);
      }
      throw new IllegalStateException("a checkpoint failed to be written", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a checkpoint was written");
    }
  }

  /** Lets what was begun end. */
  @Override
  public void close() throws IOException {
    try {
      finish();
    } finally {
      thread.shutdown();
    }
  }
}
