package org.ergometer.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.ergometer.runtime.storage.FileProblem;

/**
 * What a run writes when it ends: where one thing cannot be written, as on a full disk, that is
 * said in a line, and the others are tried all the same.
 */
final class FinalWrites {

  private final Consumer<String> warn;
  private final List<String> failed = new ArrayList<>();

  /** Writes one thing. */
  @FunctionalInterface
  interface Write {
    void run() throws IOException;
  }

  FinalWrites(Consumer<String> warn) {
    this.warn = warn;
  }

  /**
   * Writes if that can be.
   *
   * @param written what is written, in words
   */
  void attempt(String written, Write write) {
    try {
      write.run();
    } catch (IOException e) {
      failed.add(written);
      warn.accept(
          "at the end: %s cannot be written (%s); what was saved before stands"
              .formatted(written, FileProblem.withFile(e)));
    }
  }

  /** What could not be written, in words. */
  List<String> failed() {
    return List.copyOf(failed);
  }
}
