package org.ergometer.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.storage.AtomicFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunDirectoryTest {

  private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 23, 12, 0, 5);

  private final Path parent;

  RunDirectoryTest(@TempDir Path parent) {
    this.parent = parent;
  }

  @Test
  void isNamedByTheTimeAndNeverTwice() {
    Path runs = parent.resolve("runs");

    assertThat(RunDirectory.createNamed(runs, NOON).runId()).isEqualTo("20261123-120005");
    assertThat(RunDirectory.createNamed(runs, NOON).runId()).isEqualTo("20261123-120005-2");
    assertThat(RunDirectory.createNamed(runs, NOON).runId()).isEqualTo("20261123-120005-3");
  }

  @Test
  void takesAnEmptyDirectoryOrMakesOne() throws IOException {
    Path empty = Files.createDirectory(parent.resolve("empty"));

    assertThat(RunDirectory.create(empty, NOON).root()).isEqualTo(empty);
    assertThat(RunDirectory.create(parent.resolve("a/b"), NOON).root()).isDirectory();
  }

  @Test
  void neverTouchesADirectoryThatHoldsSomething() throws IOException {
    Path full = Files.createDirectory(parent.resolve("full"));
    Path kept = Files.writeString(full.resolve("kept.txt"), "kept");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunDirectory.create(full, NOON))
        .withMessage(
            "run directory %s is not empty, and a run never overwrites another; choose a new --run"
                .formatted(full));
    assertThat(list(full)).containsExactly(kept);
    assertThat(kept).hasContent("kept");
  }

  @Test
  void saysWhyItCannotBeWritten() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunDirectory.create(file, NOON))
        .withMessageContaining("is a file; choose another name with --run");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunDirectory.create(file.resolve("below"), NOON))
        .withMessageContaining("cannot be written");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunDirectory.open(parent.resolve("none")))
        .withMessageContaining("does not exist");
  }

  @Test
  void keepsTheOldFileWhenWritingFails() throws IOException {
    Path folder = parent.resolve("deep");
    Path file = folder.resolve("summary.json");
    AtomicFile.write(file, "old");

    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write('n');
                      throw new IOException("disk full");
                    }));

    assertThat(file).hasContent("old");
    assertThat(list(folder)).containsExactly(file);
    AtomicFile.write(file, "new");
    assertThat(file).hasContent("new");
  }

  @Test
  void keepsTokenizers() throws IOException {
    Path file = parent.resolve("tokenizer.json");
    for (Tokenizer tokenizer :
        List.of(new ByteTokenizer(), CharacterTokenizer.of("a \"quoted\" é\n\t\\𝕏"))) {
      TokenizerFile.write(file, tokenizer);

      assertThat(TokenizerFile.read(file)).isEqualTo(tokenizer);
    }

    Files.writeString(file, "{\"kind\":\"later\"}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenizerFile.read(file))
        .withMessageStartingWith("tokenizer kind must be char, byte, gpt2 or bpe, got \"later\"");
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  /** Whoever opens a pipe waits for somebody to write to it. */
  @ParameterizedTest
  @ValueSource(strings = {"summary.json", "log.jsonl", "ledger.journal", "checkpoints/step-1/x"})
  void aPipeAmongARunsFilesIsRefused(String name, @TempDir Path directory) throws Exception {
    Path pipe = directory.resolve(name);
    Files.createDirectories(pipe.getParent());
    assumeThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunDirectory.open(directory))
        .withMessageContaining("holds a pipe or device, " + name);
  }
}
