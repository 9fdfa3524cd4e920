package org.ergometer.runtime.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.storage.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a run's directory to one process: a lock of the operating system on a file in it, which
 * ends with the process, however that ends.
 */
public final class RunLock implements Closeable {

  private final FileChannel file;

  private RunLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes the directory for this process.
   *
   * @throws IllegalArgumentException if another has it, or it cannot be written
   */
  public static RunLock take(RunDirectory directory) {
    directory.requireNoLinks();
    try {
      FileChannel file =
          FileChannel.open(
              directory.lock(),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      if (lock(file) == null) {
        file.close();
        throw new InvalidInputException(
            "run directory %s is in use by another process; wait until that ends, or choose another --run"
                .formatted(directory.root()));
      }
      AtomicFile.deleteLeftovers(directory.root());
      return new RunLock(file);
    } catch (IOException e) {
      throw RunDirectory.unwritable(directory.root(), e);
    }
  }

  /** Whether a process has the directory now. */
  public static boolean isHeld(RunDirectory directory) {
    if (!Files.isReadable(directory.lock())) {
      return false;
    }
    try (FileChannel file = FileChannel.open(directory.lock(), StandardOpenOption.READ)) {
      return file.tryLock(0, Long.MAX_VALUE, true) == null;
    } catch (OverlappingFileLockException e) {
      return true; // by another run of this process
    } catch (IOException e) {
      return false; // where nothing can be locked, nobody knows
    }
  }

  private static @Nullable FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by another run of this process
    }
  }

  /** Lets go of the directory. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
