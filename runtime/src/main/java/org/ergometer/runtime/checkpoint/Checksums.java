package org.ergometer.runtime.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.storage.FileProblem;

/** The file {@code SHA256SUMS} of a directory, in the form that {@code sha256sum -c} checks. */
final class Checksums {

  private static final String FILE = "SHA256SUMS";
  private static final String SEPARATOR = "  ";

  private Checksums() {}

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Writes the sums of all files that a directory holds now. */
  static void write(Path directory) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Path file : files(directory)) {
      lines.append(sum(file)).append(SEPARATOR).append(file.getFileName()).append('\n');
    }
    AtomicFile.writeNew(directory.resolve(FILE), out -> out.write(bytes(lines.toString())));
  }

  /** Whether a directory has sums at all. */
  static boolean exist(Path directory) {
    return Files.exists(directory.resolve(FILE));
  }

  /** What is wrong with the first file of a directory that is not as it was; empty if all are. */
  static Optional<String> damage(Path directory) {
    try {
      verify(directory);
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.of(FILE + " is missing");
    } catch (IOException e) {
      return Optional.of(FileProblem.of(e));
    }
  }

  private static void verify(Path directory) throws IOException {
    String expected = Files.readString(directory.resolve(FILE), ISO_8859_1);
    int length = 0;
    for (Path file : files(directory)) {
      String line = sum(file) + SEPARATOR + file.getFileName() + "\n";
      if (!expected.contains(line)) {
        throw new IOException("the SHA-256 of " + file.getFileName() + " is not that in " + FILE);
      }
      length += line.length();
    }
    if (length != expected.length()) {
      throw new IOException(FILE + " and the files that are there differ");
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.endsWith(FILE)).sorted().toList();
    }
  }

  private static String sum(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file.getFileName() + " is no file");
    }
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
