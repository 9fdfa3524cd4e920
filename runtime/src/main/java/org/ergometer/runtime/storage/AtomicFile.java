package org.ergometer.runtime.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A file that is never half written: new content goes into a file beside it, which then takes its
 * place. The old content stays where that fails, on a full disk for example.
 *
 * <p>The file beside it has a name that nobody can guess and is made anew. A symbolic link in the
 * file's place is replaced; what it points to stays as it is.
 */
public final class AtomicFile {

  private static final String PART = ".part";
  private static final int NAME_BYTES = 8;
  private static final SecureRandom RANDOM = new SecureRandom();

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Puts a text in place of what a file holds, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(UTF_8)));
  }

  /** Puts new content in place of what a file holds; makes its directory where there is none. */
  public static void write(Path file, Content content) throws IOException {
    Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file's directory");
    Files.createDirectories(parent);
    Path beside = beside(file);
    try {
      writeNew(beside, content);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(parent);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static Path beside(Path file) {
    byte[] random = new byte[NAME_BYTES];
    RANDOM.nextBytes(random);
    return file.resolveSibling(
        ".%s.%s%s".formatted(file.getFileName(), HexFormat.of().formatHex(random), PART));
  }

  /**
   * Writes a file that is not there yet, and waits until the disk has it.
   *
   * @throws java.nio.file.FileAlreadyExistsException if something has its name
   */
  public static void writeNew(Path file, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
      content.writeTo(out);
      out.flush();
      channel.force(true);
    }
  }

  /** Deletes what processes left in a directory that ended while they wrote. */
  public static void deleteLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, ".*" + PART)) {
      for (Path part : parts) {
        if (Files.isRegularFile(part, LinkOption.NOFOLLOW_LINKS)) {
          Files.delete(part);
        }
      }
    }
  }

  /** Waits until the disk has the names in a directory. */
  public static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (AccessDeniedException e) {
      // Windows opens no directories, and needs no such call.
      if (Files.isReadable(directory) && !System.getProperty("os.name", "").startsWith("Windows")) {
        throw e;
      }
    }
  }
}
