package org.ergometer.runtime.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.ergometer.runtime.storage.FileProblem;

/**
 * The process's standard output, of which no failure goes unnoticed: Java's own keeps them to
 * itself, and a result that nobody can read would pass for success.
 */
final class StandardOutput extends FilterOutputStream {

  StandardOutput(OutputStream out) {
    super(out);
  }

  /** The stream of the process. */
  static PrintStream ofProcess() {
    return new PrintStream(
        new StandardOutput(new FileOutputStream(FileDescriptor.out)),
        false,
        StandardCharsets.UTF_8);
  }

  /** Ends the command that writes. Print streams let exceptions of other kinds go by. */
  static final class FailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean closed;

    private FailedException(IOException cause) {
      super(
          "standard output cannot be written (%s); make room, or let it go elsewhere"
              .formatted(FileProblem.of(cause)),
          cause);
      String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      closed = reason.contains("broken pipe") || reason.contains("pipe is being closed");
    }

    /** Whether the reader has had enough, as {@code head} has: nothing to complain of. */
    boolean isClosed() {
      return closed;
    }
  }

  @Override
  public void write(int value) {
    attempt(() -> out.write(value));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    attempt(() -> out.write(bytes, offset, length));
  }

  @Override
  public void flush() {
    attempt(out::flush);
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (IOException e) {
      throw new FailedException(e);
    }
  }
}
