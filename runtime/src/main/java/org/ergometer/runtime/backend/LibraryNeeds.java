package org.ergometer.runtime.backend;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The other libraries that an ELF library names as needed, and where its loader looks for them
 * (System V ABI, "Dynamic Section").
 *
 * @param names such as {@code libcublas.so.11}
 * @param directories of its own run path
 */
record LibraryNeeds(List<String> names, List<Path> directories) {

  private static final Path LOADER_CACHE = Path.of("/etc/ld.so.cache");
  private static final int ENTRY = 16;
  private static final long NEEDED = 1;
  private static final long OLD_RUN_PATH = 15;
  private static final long RUN_PATH = 29;
  private static final String ORIGIN = "$ORIGIN";

  /** Where a loader looks at the end, whatever a library says. */
  private static final List<Path> USUAL =
      Stream.of("/lib64", "/usr/lib64", "/lib", "/usr/lib").map(Path::of).toList();

  private static final int LONGEST_TEXT = 4096;

  LibraryNeeds {
    names = List.copyOf(names);
    directories = List.copyOf(directories);
  }

  /** Reads a library; one that is no ELF library names none. */
  static LibraryNeeds read(Path library) throws IOException {
    List<String> names = new ArrayList<>();
    List<Path> directories = new ArrayList<>();
    try (LibraryFile file = LibraryFile.open(library)) {
      List<LibraryFile.Section> dynamic = file.sections(".dynamic");
      List<LibraryFile.Section> texts = file.sections(".dynstr");
      if (!dynamic.isEmpty() && !texts.isEmpty()) {
        ByteBuffer entries =
            file.bytes(dynamic.get(0).offset(), Math.toIntExact(dynamic.get(0).size()));
        while (entries.remaining() >= ENTRY) {
          long tag = entries.getLong();
          long text = texts.get(0).offset() + entries.getLong();
          if (tag == NEEDED) {
            names.add(file.text(text, LONGEST_TEXT));
          } else if (tag == RUN_PATH || tag == OLD_RUN_PATH) {
            String own = library.toAbsolutePath().resolveSibling("").toString();
            Arrays.stream(file.text(text, LONGEST_TEXT).replace(ORIGIN, own).split(":", -1))
                .filter(path -> path.startsWith("/"))
                .forEach(path -> directories.add(Path.of(path)));
          }
        }
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("not a readable library: " + e.getMessage(), e);
    }
    return new LibraryNeeds(names, directories);
  }

  /**
   * Whether the loader finds a library: on its search path, in the run path, in its cache, or where
   * libraries usually are.
   *
   * @param searchPath value of {@code LD_LIBRARY_PATH}; empty if it is not set
   */
  boolean found(String name, String searchPath) throws IOException {
    Stream<Path> search =
        Arrays.stream(searchPath.split(File.pathSeparator, -1))
            .filter(path -> !path.isEmpty())
            .map(Path::of);
    return Stream.of(search, directories.stream(), USUAL.stream())
            .flatMap(Function.identity())
            .anyMatch(directory -> Files.exists(directory.resolve(name)))
        || cache().contains(name + "\0");
  }

  private static String cache() throws IOException {
    return Files.isReadable(LOADER_CACHE)
        ? Files.readString(LOADER_CACHE, StandardCharsets.ISO_8859_1)
        : "";
  }
}
