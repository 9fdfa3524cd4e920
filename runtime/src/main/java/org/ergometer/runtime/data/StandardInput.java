package org.ergometer.runtime.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.Sha256;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.storage.PrivateFiles;
import org.jspecify.annotations.Nullable;

/**
 * Text that can be read only once, from standard input or a pipe, as a file of the cache that is
 * named by its digest: a run can be gone on with when the pipe is gone. The owner alone may read
 * it.
 */
public final class StandardInput {

  private static final Path NAME = Path.of("-");

  private final Path cache;
  private final boolean jsonLines;
  private final InputStream input;

  /**
   * Standard input.
   *
   * @param cache directory of the cache; null for that of the user
   * @param jsonLines whether each line is a JSON object
   */
  public StandardInput(@Nullable Path cache, boolean jsonLines, InputStream input) {
    this.cache = TokenCache.root(cache);
    this.jsonLines = jsonLines;
    this.input = input;
  }

  /**
   * The same paths, with a file in place of {@code -} and of each pipe.
   *
   * @throws IllegalArgumentException if what it gives cannot be kept
   */
  public List<Path> kept(List<Path> paths) {
    List<Path> kept = new ArrayList<>();
    for (Path path : paths) {
      if (path.equals(NAME)) {
        kept.add(keep(path, input));
      } else if (isPipe(path)) {
        try (InputStream pipe = Files.newInputStream(path)) {
          kept.add(keep(path, pipe));
        } catch (IOException e) {
          throw unkept(path, e);
        }
      } else {
        kept.add(path);
      }
    }
    return kept;
  }

  private static boolean isPipe(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
  }

  private Path keep(Path given, InputStream text) {
    try {
      Path directory = PrivateFiles.createDirectory(cache.resolve("text"));
      Path part = Files.createTempFile(directory, "", ".part");
      try {
        MessageDigest digest = Sha256.digest();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), digest)) {
          if (text.transferTo(out) == 0) {
            throw new InvalidInputException(
                "data from %s is empty; give it text, or leave --data out"
                    .formatted(given.equals(NAME) ? "standard input" : given));
          }
        }
        String ending = jsonLines ? ".jsonl" : ".txt";
        Path file = directory.resolve(HexFormat.of().formatHex(digest.digest()) + ending);
        return Files.move(
            part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw unkept(given, e);
    }
  }

  private IllegalArgumentException unkept(Path given, IOException cause) {
    return new InvalidInputException(
        "data from %s cannot be kept in %s (%s); choose another directory with --data-cache"
            .formatted(given, cache, FileProblem.of(cause)),
        cause);
  }
}
