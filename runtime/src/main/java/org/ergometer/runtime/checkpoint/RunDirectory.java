package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.storage.FileProblem;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one run. A file in it is either complete or not there, see {@link
 * org.ergometer.runtime.storage.AtomicFile}.
 */
public final class RunDirectory {

  /** Of a run's files: the directory, its checkpoints, and what is in each. */
  private static final int LEVELS = 3;

  private static final Path PARENT = Path.of("runs");
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss", Locale.ROOT);

  /** Left by a run that ended before it wrote anything; holds nothing. */
  private static final String LOCK = ".lock";

  private final Path root;

  /** Whether this process has made it. */
  private final boolean made;

  private RunDirectory(Path root, boolean made) {
    this.root = root;
    this.made = made;
  }

  /**
   * Makes the directory of a new run.
   *
   * @param wanted where; null for a new name under {@code runs/}
   * @throws IllegalArgumentException if it holds something already or cannot be written
   */
  public static RunDirectory create(@Nullable Path wanted, LocalDateTime now) {
    return wanted == null ? createNamed(PARENT, now) : createAt(wanted);
  }

  /**
   * The directory of a run that was made before.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static RunDirectory open(Path path) {
    if (Files.isRegularFile(path)) {
      throw new InvalidInputException(
          "run directory %s is a file; name the directory of a run".formatted(path));
    }
    if (!Files.isDirectory(path)) {
      throw new InvalidInputException(
          "run directory %s does not exist; ergometer train --run %s makes it"
              .formatted(path, path));
    }
    requireFiles(path);
    return new RunDirectory(path, false);
  }

  /** Refuses a pipe or a device among a run's files, which would be waited for without end. */
  private static void requireFiles(Path path) {
    try (Stream<Path> entries = Files.walk(path, LEVELS)) {
      entries
          .filter(entry -> Files.exists(entry) && !Files.isDirectory(entry))
          .filter(entry -> !Files.isRegularFile(entry))
          .findFirst()
          .ifPresent(
              entry -> {
                throw new InvalidInputException(
                    "run directory %s holds a pipe or device, %s; take it out, or choose another run"
                        .formatted(path, path.relativize(entry)));
              });
    } catch (IOException | UncheckedIOException e) {
      // of a run that goes on, a checkpoint may go away meanwhile; what cannot be read says so then
      return;
    }
  }

  /**
   * Finds out whether the directory of a new run could be made, and makes nothing.
   *
   * @param wanted where; null for a new name under {@code runs/}
   * @throws IllegalArgumentException if it holds something already or cannot be written
   */
  public static void requireCreatable(@Nullable Path wanted) {
    Path path = (wanted == null ? PARENT : wanted).toAbsolutePath();
    if (wanted != null && Files.exists(path)) {
      requireEmpty(wanted);
      return;
    }
    Path there = path;
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    if (there != null && (!Files.isDirectory(there) || !Files.isWritable(there))) {
      String reason = Files.isDirectory(there) ? "no permission to write" : "not a directory";
      throw unwritable(path, new IOException(there + ": " + reason));
    }
  }

  static RunDirectory createNamed(Path parent, LocalDateTime now) {
    try {
      Files.createDirectories(parent);
      String name = NAME.format(now);
      Path path = parent.resolve(name);
      for (int attempt = 2; Files.exists(path); attempt++) {
        path = parent.resolve(name + "-" + attempt);
      }
      return new RunDirectory(Files.createDirectory(path), true);
    } catch (IOException e) {
      throw unwritable(parent, e);
    }
  }

  private static RunDirectory createAt(Path path) {
    boolean there = Files.isDirectory(path);
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException e) {
      throw isFile(path);
    } catch (IOException e) {
      throw unwritable(path, e);
    }
    requireEmpty(path);
    return new RunDirectory(path, !there);
  }

  private static IllegalArgumentException isFile(Path path) {
    return new InvalidInputException(
        "run directory %s is a file; choose another name with --run".formatted(path));
  }

  private static void requireEmpty(Path path) {
    if (!Files.isDirectory(path)) {
      throw isFile(path);
    }
    if (!Files.isReadable(path)) {
      throw unwritable(path, new IOException("no permission to read it"));
    }
    try (Stream<Path> entries = Files.list(path)) {
      if (entries.anyMatch(entry -> !entry.equals(path.resolve(LOCK)))) {
        throw new InvalidInputException(
            "run directory %s is not empty, and a run never overwrites another; choose a new --run"
                .formatted(path));
      }
    } catch (IOException e) {
      throw unwritable(path, e);
    }
    if (!Files.isWritable(path)) {
      throw unwritable(path, new IOException("no permission to write"));
    }
  }

  /** Takes back what was made for a run that did not begin; a directory that was there stays. */
  public void discard() throws IOException {
    for (Path file : new Path[] {config(), tokenizer(), lock()}) {
      Files.deleteIfExists(file);
    }
    if (made) {
      Files.delete(root);
    }
  }

  static IllegalArgumentException unwritable(Path path, IOException cause) {
    return new InvalidInputException(
        "run directory %s cannot be written (%s); choose another with --run"
            .formatted(path, FileProblem.of(cause)),
        cause);
  }

  public Path root() {
    return root;
  }

  /** Name of the run: the last part of its path. */
  public String runId() {
    Path name = root.toAbsolutePath().normalize().getFileName();
    return name == null ? root.toString() : name.toString();
  }

  /** Everything the run was asked to do. */
  public Path config() {
    return root.resolve("config.yaml");
  }

  /** Settings of a model that was imported and not trained here. */
  public Path modelSettings() {
    return root.resolve("model.yaml");
  }

  /** One JSON object a step. */
  public Path log() {
    return root.resolve("log.jsonl");
  }

  /** What came of it, as one JSON object. */
  public Path summary() {
    return root.resolve("summary.json");
  }

  /** The last text that the model wrote. */
  public Path sample() {
    return root.resolve("sample.txt");
  }

  /** Texts that the model wrote as it learned. */
  public Path samples() {
    return root.resolve("samples.jsonl");
  }

  /** Vocabulary of the model. */
  public Path tokenizer() {
    return root.resolve("tokenizer.json");
  }

  /** What each process of the run has executed. */
  public Path journal() {
    return root.resolve("ledger.journal");
  }

  /** One directory for each step that is kept, and the newest and the best model. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** The newest model. */
  public Path lastModel() {
    return checkpoints().resolve("last").resolve("model.zip");
  }

  /**
   * Refuses a directory in which something that this process would write to is a symbolic link: the
   * run of somebody else may lead anywhere with it.
   *
   * @throws IllegalArgumentException naming the first one
   */
  void requireNoLinks() {
    Path[] written = {
      lock(), config(), log(), summary(), sample(), samples(), tokenizer(), journal(), checkpoints()
    };
    for (Path file : written) {
      if (Files.isSymbolicLink(file)) {
        throw new InvalidInputException(
            "run directory %s holds a symbolic link, %s; put a file in its place, or start anew with another --run"
                .formatted(root, file.getFileName()));
      }
    }
  }

  /** Locked by the process that writes here. */
  Path lock() {
    return root.resolve(LOCK);
  }
}
