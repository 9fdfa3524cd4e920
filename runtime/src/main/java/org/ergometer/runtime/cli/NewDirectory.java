package org.ergometer.runtime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;

/** A directory that appears with all of its files or not at all. */
final class NewDirectory {

  private final Path path;

  private NewDirectory(Path path) {
    this.path = path;
  }

  /** Makes the files, and gives something that came of it. */
  interface Content<T> {
    T write(Path directory) throws IOException;
  }

  /**
   * A directory that does not exist yet.
   *
   * @param option that names it
   */
  static NewDirectory of(String option, Path path) {
    if (Files.exists(path)) {
      throw new InvalidInputException(
          "%s must be a new directory, got %s, which exists; set --%s to another"
              .formatted(option, path, option));
    }
    return new NewDirectory(path);
  }

  /** Fills it under another name, then gives it its own. */
  <T> T fill(Content<T> content) throws IOException {
    String name = "%s.%s.part".formatted(path.getFileName(), ProcessHandle.current().pid());
    Path part = path.resolveSibling(name);
    Files.createDirectories(part);
    try {
      T made = content.write(part);
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
      return made;
    } finally {
      delete(part);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(directory)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
