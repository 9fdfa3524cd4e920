package org.ergometer.runtime.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {

  private final Path directory;

  OutputFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static void write(Path file, String text) throws IOException {
    OutputFile.write(file, out -> out.write(text.getBytes(UTF_8)));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void aFileIsReplacedAsAWhole() throws IOException {
    Path file = directory.resolve("page.html");
    write(file, "old");
    write(file, "new");

    assertThat(file).hasContent("new");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void whatWasThereStaysWhereWritingFails() throws IOException {
    Path file = directory.resolve("page.html");
    write(file, "old");

    assertThatIOException()
        .isThrownBy(
            () ->
                OutputFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("the disk is full");
                    }));
    assertThat(file).hasContent("old");
    assertThat(files()).containsExactly(file);
  }

  @Test
  void whatALinkPointsToIsReplacedAndTheLinkStays() throws IOException {
    Path file = Files.writeString(directory.resolve("page.html"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("page.html"));
    write(link, "new");

    assertThat(file).hasContent("new");
    assertThat(link).isSymbolicLink();

    Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("made.html"));
    write(dangling, "made");
    assertThat(dangling).isSymbolicLink();
    assertThat(directory.resolve("made.html")).hasContent("made");

    Path loop = Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
    assertThatIOException().isThrownBy(() -> write(loop, "x")).withMessageContaining("no end");
  }

  @Test
  void aPipeIsWrittenToAndStaysAPipe() throws Exception {
    Path pipe = directory.resolve("pipe");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeThat(made.waitFor()).as("mkfifo").isZero();
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(
            () -> {
              try (InputStream in = Files.newInputStream(pipe)) {
                return new String(in.readAllBytes(), UTF_8);
              } catch (IOException e) {
                return e.toString();
              }
            });

    write(pipe, "through");

    assertThat(read.get(1, TimeUnit.MINUTES)).isEqualTo("through");
    assertThat(Files.isRegularFile(pipe, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(files()).containsExactly(pipe);
  }

  @Test
  void aDeviceIsWrittenToAndStaysADevice() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(Files.exists(full)).as("/dev/full").isTrue();

    assertThatIOException().isThrownBy(() -> write(full, "x"));
    write(Path.of("/dev/null"), "x");

    assertThat(Files.isRegularFile(full)).isFalse();
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void noDirectoryIsMadeForAMistypedName() {
    assertThatIOException()
        .isThrownBy(() -> write(directory.resolve("none/page.html"), "x"))
        .withMessageContaining("its directory does not exist");
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void aDirectoryIsNoFile() {
    assertThatIOException()
        .isThrownBy(() -> write(directory, "x"))
        .withMessageContaining("it is a directory");
  }
}
