package org.ergometer.runtime.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  private final Path directory;

  AtomicFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private String onlyOther(Path file) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(other -> !other.equals(file)).findFirst().orElseThrow().toString();
    }
  }

  /** Nobody can lay a link where new content will go. */
  @Test
  void theFileBesideItHasAnotherNameEachTime() throws IOException {
    Path file = directory.resolve("summary.json");
    Set<String> names = new HashSet<>();
    for (int time = 0; time < 3; time++) {
      AtomicFile.write(
          file,
          out -> {
            names.add(onlyOther(file));
            out.write('x');
          });
    }
    assertThat(names).hasSize(3);
    assertThat(file).hasContent("x");
  }

  @Test
  void aLinkInTheFilesPlaceIsReplaced() throws IOException {
    Path precious = Files.writeString(directory.resolve("precious"), "precious");
    Path file = Files.createSymbolicLink(directory.resolve("config.yaml"), precious);

    AtomicFile.write(file, "steps: 3\n");

    assertThat(precious).hasContent("precious");
    assertThat(file).isRegularFile().hasContent("steps: 3");
    assertThat(Files.isSymbolicLink(file)).isFalse();
  }

  @Test
  void aNewFileTakesNobodysPlace() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("none"));

    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> AtomicFile.writeNew(link, out -> out.write('x')));
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void deletesWhatAProcessLeftThatWasKilled() throws IOException {
    Path file = directory.resolve("log.jsonl");
    Files.writeString(directory.resolve(".summary.json.0123456789abcdef.part"), "ha");
    Files.writeString(file, "{}");

    AtomicFile.deleteLeftovers(directory);

    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
  }
}
