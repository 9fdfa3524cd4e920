package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenFileTest {

  private final Path file;

  TokenFileTest(@TempDir Path directory) {
    this.file = directory.resolve("some.tokens");
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "256, 1", "257, 2", "65536, 2", "65537, 4", "2147483647, 4"})
  void givesBackWhatWasWritten(int vocabulary, int width) throws IOException {
    int[] tokens = new Random(5).ints(700_000, 0, vocabulary).toArray();
    tokens[1] = vocabulary - 1;
    write(vocabulary, tokens);

    TokenFile read = TokenFile.open(file);

    assertThat(Files.size(file)).isEqualTo(TokenFile.HEADER_BYTES + (long) width * tokens.length);
    assertThat(read.length()).isEqualTo(tokens.length);
    int[] all = new int[tokens.length];
    read.copy(0, all, 0, all.length);
    assertThat(all).isEqualTo(tokens);
    int[] some = new int[5];
    read.copy(tokens.length - 3, some, 1, 3);
    assertThat(some).containsExactly(0, tokens[699_997], tokens[699_998], tokens[699_999], 0);
  }

  @Test
  void aFlippedBitAnywhereIsFound() throws IOException {
    write(300, new Random(5).ints(20, 0, 300).toArray());
    byte[] whole = Files.readAllBytes(file);

    for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      Files.write(file, flipped);

      assertThatIOException().as("bit %d", bit).isThrownBy(() -> TokenFile.open(file));
    }
  }

  @Test
  void aFileThatWasNotFinishedOrIsCutIsNone() throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(file, 10)) {
      writer.add(1, 2, 3);
    }
    assertThatIOException().isThrownBy(() -> TokenFile.open(file));

    Files.delete(file);
    write(10, 1, 2, 3);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(file) - 1);
    }
    assertThatIOException()
        .isThrownBy(() -> TokenFile.open(file))
        .withMessage(file + " is not as it was written");
  }

  @Test
  void aFileThatIsCutWhileItIsInUseIsNotReadOn() throws IOException {
    write(10, new Random(5).ints(100_000, 0, 10).toArray());
    TokenFile read = TokenFile.open(file);
    int[] some = new int[9];
    read.copy(99_000, some, 0, some.length);

    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(5000);
    }

    for (long offset : new long[] {0, 99_000}) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> read.copy(offset, some, 0, some.length))
          .withMessageContaining("was cut short while it was in use");
    }
  }

  private void write(int vocabulary, int... tokens) throws IOException {
    try (TokenFileWriter writer = new TokenFileWriter(file, vocabulary)) {
      writer.add(tokens);
      writer.finish();
    }
  }
}
