package org.ergometer.runtime.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that the user named for output. A regular file is replaced as a whole, through links; a
 * device or a pipe is written to, and stays what it is.
 */
public final class OutputFile {

  /** What is in here is an entrance to something else, a redirected standard output for example. */
  private static final Path[] ENTRANCES = {Path.of("/dev"), Path.of("/proc")};

  private static final int MOST_LINKS = 40;

  private OutputFile() {}

  /**
   * Writes the file.
   *
   * @throws IOException if it cannot be written; a regular file holds what it held before then
   */
  public static void write(Path named, AtomicFile.Content content) throws IOException {
    Path file = throughLinks(named);
    if (Files.isDirectory(file)) {
      throw new FileSystemException(named.toString(), null, "it is a directory");
    }
    if (isEntrance(named) || (Files.exists(file) && !Files.isRegularFile(file))) {
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(named, StandardOpenOption.WRITE))) {
        content.writeTo(out);
      }
    } else {
      Path parent = file.toAbsolutePath().getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new FileSystemException(named.toString(), null, "its directory does not exist");
      }
      AtomicFile.write(file, content);
    }
  }

  private static boolean isEntrance(Path named) {
    Path path = named.toAbsolutePath().normalize();
    for (Path entrance : ENTRANCES) {
      if (path.startsWith(entrance)) {
        return Files.exists(path);
      }
    }
    return false;
  }

  private static Path throughLinks(Path named) throws IOException {
    Path file = named;
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemException(named.toString(), null, "its symbolic links have no end");
      }
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }
}
