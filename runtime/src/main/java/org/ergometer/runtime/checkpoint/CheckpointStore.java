package org.ergometer.runtime.checkpoint;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.WorkRecord;
import org.ergometer.runtime.storage.AtomicFile;
import org.ergometer.runtime.storage.FileProblem;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a run, a directory {@code step-N} each, in which {@code SHA256SUMS} vouches
 * for every other file. A directory of that name is complete: it is written under another, brought
 * to the disk, and then renamed.
 *
 * <p>{@code last/model.zip} and {@code best/model.zip} are further names of models among them.
 */
public final class CheckpointStore {

  private static final Pattern STEP = Pattern.compile("step-(\\d{1,9})");
  private static final String PART = ".part";
  private static final String DAMAGED = ".damaged";
  private static final String MODEL = "model.zip";
  private static final String STATE = "training.json";
  private static final String EXECUTED = "executed.bin";

  private final Path root;

  public CheckpointStore(RunDirectory directory) {
    this.root = directory.checkpoints();
  }

  /**
   * Saves a checkpoint, and deletes those that are no longer needed: neither among the newest
   * {@code keep} nor the best.
   *
   * @throws IOException if it cannot be written; those saved before stay as they are
   */
  public void save(Checkpoint checkpoint, int keep) throws IOException {
    int step = checkpoint.state().step();
    Path place = place(step);
    Path part = root.resolve(place.getFileName() + PART);
    deleteUnfinished();
    try {
      Files.createDirectories(part);
      AtomicFile.writeNew(part.resolve(MODEL), out -> ModelFile.write(out, checkpoint.model()));
      AtomicFile.writeNew(
          part.resolve(STATE), out -> out.write(Checksums.bytes(checkpoint.state().json())));
      AtomicFile.writeNew(part.resolve(EXECUTED), out -> out.write(checkpoint.executed().bytes()));
      Checksums.write(part);
      AtomicFile.sync(part);
      delete(place);
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.sync(root);
    } catch (IOException e) {
      delete(part);
      throw e;
    }
    name("last", step);
    TrainingState.Best best = checkpoint.state().best();
    if (best != null && best.step() == step) {
      name("best", step);
    }
    rotate(keep, best);
  }

  /**
   * The newest checkpoint that is whole; newer ones, which are damaged, are set aside under another
   * name. Where there is none nothing is touched.
   *
   * @param warn is told of each damaged one, in a line
   * @return nothing if none was ever saved
   * @throws IllegalArgumentException if one is of another version, or all there are are damaged
   */
  public Optional<Checkpoint> newest(Consumer<String> warn) throws IOException {
    Map<Path, String> damaged = new LinkedHashMap<>();
    for (int step : steps()) {
      Path place = place(step);
      Optional<String> damage = Checksums.damage(place);
      requireKnown(place, damage.isEmpty());
      try {
        Checkpoint whole = damage.isEmpty() ? read(place) : null;
        if (whole != null) {
          setAside(damaged, warn);
          return Optional.of(whole);
        }
      } catch (IOException | RuntimeException e) {
        damage = Optional.of(describe(e));
      }
      damaged.put(place, damage.orElseThrow());
    }
    if (!damaged.isEmpty() || anyDamaged()) {
      throw new InvalidInputException(
          "every checkpoint in %s is damaged%s, so there is nothing to resume; start anew with another --run"
              .formatted(
                  root,
                  damaged.entrySet().stream()
                      .findFirst()
                      .map(
                          first ->
                              " (%s: %s)".formatted(first.getKey().getFileName(), first.getValue()))
                      .orElse("")));
    }
    return Optional.empty();
  }

  /**
   * How the log was when the newest checkpoint was saved; empty if there is none, or none that can
   * be read.
   */
  public Optional<TrainingState.LogEnd> logEnd() throws IOException {
    for (int step : steps()) {
      Optional<TrainingState.LogEnd> end = TrainingState.logEndOf(place(step).resolve(STATE));
      if (end.isPresent()) {
        return end;
      }
    }
    return Optional.empty();
  }

  /** What another version wrote is not damaged, even where it is not understood. */
  private static void requireKnown(Path place, boolean whole) {
    Optional<String> schema = TrainingState.schemaOf(place.resolve(STATE));
    boolean other = schema.isPresent() && !schema.get().equals(TrainingState.SCHEMA);
    if (other && (whole || !Checksums.exist(place))) {
      throw new InvalidInputException(
          "checkpoint %s is of the format %s, and this version reads %s; resume with the version that wrote it, or start anew with another --run"
              .formatted(place, schema.get(), TrainingState.SCHEMA));
    }
  }

  private void setAside(Map<Path, String> damaged, Consumer<String> warn) throws IOException {
    for (Map.Entry<Path, String> each : damaged.entrySet()) {
      Path place = each.getKey();
      Path aside = root.resolve(place.getFileName() + DAMAGED);
      delete(aside);
      Files.move(place, aside);
      warn.accept(
          "checkpoint %s is damaged (%s) and is now %s; falling back to the one before"
              .formatted(place.getFileName(), each.getValue(), aside.getFileName()));
    }
  }

  private boolean anyDamaged() throws IOException {
    if (!Files.isDirectory(root)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries.anyMatch(entry -> String.valueOf(entry.getFileName()).endsWith(DAMAGED));
    }
  }

  private static String describe(Exception e) {
    if (e instanceof IOException file) {
      return FileProblem.of(file);
    }
    String message = e instanceof InvalidInputException ? e.getMessage() : null;
    return message == null ? "it is not as it was written" : message;
  }

  private static Checkpoint read(Path place) throws IOException {
    return new Checkpoint(
        TrainingState.read(place.resolve(STATE)),
        WorkRecord.read(Files.readAllBytes(place.resolve(EXECUTED))),
        ModelFile.readState(place.resolve(MODEL)));
  }

  private Path place(int step) {
    return root.resolve("step-" + step);
  }

  /** Steps that are kept, the newest first. */
  private List<Integer> steps() throws IOException {
    List<Integer> steps = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> entries = Files.list(root)) {
        for (Path entry : entries.toList()) {
          Matcher step = STEP.matcher(String.valueOf(entry.getFileName()));
          if (step.matches()) {
            steps.add(Integer.parseInt(step.group(1)));
          }
        }
      }
    }
    steps.sort(Comparator.reverseOrder());
    return steps;
  }

  private void rotate(int keep, TrainingState.@Nullable Best best) throws IOException {
    List<Integer> steps = steps();
    for (int step : steps.subList(Math.min(keep, steps.size()), steps.size())) {
      if (best == null || step != best.step()) {
        delete(place(step));
      }
    }
  }

  /** What processes began to save that were killed: its room may be needed. */
  private void deleteUnfinished() throws IOException {
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.filter(CheckpointStore::isUnfinished).toList()) {
        delete(entry);
      }
    }
  }

  private static boolean isUnfinished(Path entry) {
    String name = String.valueOf(entry.getFileName());
    return name.endsWith(PART)
        && STEP.matcher(name.substring(0, name.length() - PART.length())).matches();
  }

  /** Gives the model of a step another name: a hard link, or a copy where there are none. */
  private void name(String name, int step) throws IOException {
    Path file = root.resolve(name).resolve(MODEL);
    Path beside = file.resolveSibling(MODEL + PART);
    Path model = place(step).resolve(MODEL);
    Files.createDirectories(root.resolve(name));
    Files.deleteIfExists(beside);
    try {
      Files.createLink(beside, model);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(model, beside, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    // Moving a name onto another of the same file leaves both.
    Files.deleteIfExists(beside);
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
