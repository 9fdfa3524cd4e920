package org.ergometer.runtime.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ergometer.runtime.backend.FatLibrary.BINARY;
import static org.ergometer.runtime.backend.FatLibrary.PTX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCodeReaderTest {

  private static final ComputeCapability SM_70 = new ComputeCapability(7, 0);
  private static final ComputeCapability SM_86 = new ComputeCapability(8, 6);
  private static final ComputeCapability SM_90 = new ComputeCapability(9, 0);

  private final Path directory;

  MachineCodeReaderTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void readsEveryContainerOfAnElfLibrary() throws IOException {
    FatLibrary library = new FatLibrary().container(BINARY, 70, BINARY, 86).container(PTX, 90);
    MachineCode code = MachineCodeReader.read(library.elf(file(), library.code()));
    assertThat(code.binaries()).containsExactly(SM_70, SM_86);
    assertThat(code.intermediate()).containsExactly(SM_90);
  }

  @Test
  void readsAPeLibrary() throws IOException {
    FatLibrary library = new FatLibrary().container(BINARY, 86);
    MachineCode code = MachineCodeReader.read(library.pe(file(), library.code()));
    assertThat(code).isEqualTo(MachineCode.of(List.of(SM_86), List.of()));
  }

  @Test
  void readsGenerationsOfTwoDigits() throws IOException {
    FatLibrary library = new FatLibrary().container(BINARY, 120);
    MachineCode code = MachineCodeReader.read(library.elf(file(), library.code()));
    assertThat(code.binaries()).containsExactly(new ComputeCapability(12, 0));
  }

  @Test
  void refusesAContainerThatReachesPastItsSection() throws IOException {
    FatLibrary library = new FatLibrary().container(BINARY, 86);
    byte[] code = library.code();
    byte[] cut = Arrays.copyOf(code, code.length - 20);
    assertThatThrownBy(() -> MachineCodeReader.read(library.elf(file(), cut)))
        .isInstanceOf(IOException.class)
        .hasMessage("a container of GPU code reaches past its section");
  }

  @Test
  void refusesWhatIsNoLibraryOrHasNoGpuCode() throws IOException {
    Path text = Files.writeString(file(), "no library at all".repeat(10));
    assertThatThrownBy(() -> MachineCodeReader.read(text))
        .isInstanceOf(IOException.class)
        .hasMessage("it is neither an ELF nor a PE library");
    FatLibrary empty = new FatLibrary();
    Path other = empty.elf(file(), new byte[0]);
    assertThat(MachineCodeReader.read(other).describe()).isEqualTo("no machine code and no PTX");
  }

  /** Whatever a damaged file says, reading it ends, with a result or an IOException. */
  @Test
  void endsOnEveryTruncationAndEveryFlippedByte() throws IOException {
    FatLibrary library = new FatLibrary().container(BINARY, 70, PTX, 86);
    byte[] whole = Files.readAllBytes(library.elf(file(), library.code()));
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] = (byte) ~flipped[i];
      endsWell(flipped);
      endsWell(Arrays.copyOf(whole, i));
    }
  }

  private void endsWell(byte[] content) throws IOException {
    Path file = Files.write(file(), content);
    try {
      assertThat(MachineCodeReader.read(file)).isNotNull();
    } catch (IOException e) {
      assertThat(e).hasMessageNotContaining("Exception");
    }
  }

  private Path file() {
    return directory.resolve("library");
  }
}
