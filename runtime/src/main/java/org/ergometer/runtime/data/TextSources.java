package org.ergometer.runtime.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.data.TextSource.State;
import org.ergometer.runtime.storage.FileProblem;

/**
 * The texts that {@code --data} names, in an order that does not depend on the file system, and
 * whether they are still as they were.
 */
public final class TextSources {

  private static final int NAMED = 3;
  private static final String WILDCARDS = "*?[{";

  private final List<TextSource> sources;
  private final List<State> states;

  private TextSources(List<TextSource> sources) {
    this.sources = List.copyOf(sources);
    this.states = sources.stream().map(TextSource::state).toList();
  }

  /**
   * Finds the texts.
   *
   * @param given files, directories (all files below that are not hidden) and globs; none means the
   *     corpus that comes along
   * @throws IllegalArgumentException if one of them does not exist or matches nothing
   */
  public static TextSources find(List<Path> given) {
    if (given.isEmpty()) {
      return new TextSources(List.of(TextSource.standard()));
    }
    List<TextSource> sources = new ArrayList<>();
    for (Path path : given) {
      for (Path file : files(path)) {
        sources.add(TextSource.of(file));
      }
    }
    return new TextSources(sources);
  }

  private static List<Path> files(Path path) {
    if (Files.isDirectory(path)) {
      return matching(path, path, file -> true, "directory %s holds no files".formatted(path));
    }
    if (Files.exists(path) || !isGlob(path.toString())) {
      return List.of(path);
    }
    return matching(path);
  }

  /** What matches a glob; a directory whose name has wildcards in it is taken as it is. */
  private static List<Path> matching(Path given) {
    Path glob = given.normalize();
    Path root = glob.isAbsolute() ? glob.getRoot() : Path.of("");
    int names = 0;
    for (; names < glob.getNameCount() - 1; names++) {
      Path next = root.resolve(glob.getName(names));
      if (isGlob(glob.getName(names).toString()) && !Files.isDirectory(next)) {
        break;
      }
      root = next;
    }
    Path fixed = root;
    PathMatcher matcher = matcher(given, glob.subpath(names, glob.getNameCount()));
    return matching(
        fixed,
        given,
        file -> matcher.matches(fixed.relativize(file)),
        "no file matches %s".formatted(given));
  }

  private static PathMatcher matcher(Path given, Path pattern) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw new InvalidInputException(
          "data %s does not exist and is no glob, since its brackets do not match; check the path given to --data"
              .formatted(given),
          e);
    }
  }

  private static boolean isGlob(String text) {
    return text.chars().anyMatch(character -> WILDCARDS.indexOf(character) >= 0);
  }

  private static List<Path> matching(Path root, Path given, Predicate<Path> wanted, String ifNone) {
    List<Path> files = List.of();
    if (Files.isDirectory(root)) {
      try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
        files =
            all.filter(file -> Files.isRegularFile(file) && !hidden(root, file))
                .filter(wanted)
                .sorted()
                .toList();
      } catch (IOException e) {
        throw unreadable(given, e, e);
      } catch (UncheckedIOException e) {
        throw unreadable(given, Objects.requireNonNull(e.getCause()), e);
      }
    }
    if (files.isEmpty()) {
      throw new InvalidInputException(ifNone + "; check the path given to --data");
    }
    return files;
  }

  private static InvalidInputException unreadable(Path given, IOException reason, Exception e) {
    return new InvalidInputException(
        "data directory %s cannot be read (%s); check its permissions"
            .formatted(given, FileProblem.withFile(reason)),
        e);
  }

  private static boolean hidden(Path root, Path file) {
    for (Path name : root.relativize(file)) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  /** The texts in the order of their documents. */
  List<TextSource> all() {
    return sources;
  }

  /** What to call them all in a report: the names of the files, and not where they lie. */
  public String name() {
    List<String> names = sources.stream().map(TextSource::fileName).toList();
    return names.size() <= NAMED
        ? String.join(", ", names)
        : "%s and %s more files".formatted(names.get(0), names.size() - 1);
  }

  /** A text that is no longer as it was when this was made, in a phrase; empty if none is. */
  public Optional<String> changed() {
    for (int i = 0; i < sources.size(); i++) {
      TextSource source = sources.get(i);
      State was = states.get(i);
      try {
        State is = source.state();
        if (!is.equals(was)) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "data file %s was written to: it had %,d bytes of %s, and has %,d of %s",
                  source.name(),
                  was.bytes(),
                  was.modified(),
                  is.bytes(),
                  is.modified()));
        }
      } catch (IllegalArgumentException e) {
        return Optional.of("data file %s is gone".formatted(source.name()));
      }
    }
    return Optional.empty();
  }
}
