package org.ergometer.runtime.backend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.bytedeco.javacpp.Loader;

/** A shared library with GPU code in it, as small as its format allows. */
@SuppressWarnings("ByteBufferBackingArray") // every buffer here is allocated here
public final class FatLibrary {

  static final int PTX = 1;
  public static final int BINARY = 2;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  /** Adds a container with one entry for each pair of kind and architecture. */
  public FatLibrary container(int... kindsAndArchitectures) {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    for (int i = 0; i < kindsAndArchitectures.length; i += 2) {
      ByteBuffer entry = little(64 + 24);
      entry.putShort(0, (short) kindsAndArchitectures[i]);
      entry.putInt(4, 64);
      entry.putLong(8, 24);
      entry.putInt(28, kindsAndArchitectures[i + 1]);
      entries.writeBytes(entry.array());
    }
    ByteBuffer header = little(16);
    header.putInt(0, 0xBA55ED50);
    header.putShort(4, (short) 1);
    header.putShort(6, (short) 16);
    header.putLong(8, entries.size());
    code.writeBytes(header.array());
    code.writeBytes(entries.toByteArray());
    code.writeBytes(new byte[8]); // padding, as between real containers
    return this;
  }

  byte[] code() {
    return code.toByteArray();
  }

  /**
   * Compiles a library with this code that needs a library of CUDA's which is nowhere; skips where
   * no C compiler is.
   */
  public void compile(Path file, String needed) throws IOException, InterruptedException {
    Path directory = Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Path bytes = Files.write(directory.resolve("code.bin"), code());
    Path source = directory.resolve("library.c");
    Files.writeString(
        source,
        "__asm__(\".section .nv_fatbin,\\\"a\\\"\\n.incbin \\\"%s\\\"\\n\");\n".formatted(bytes));
    Path other = directory.resolve(needed);
    FakeNvml.cc("-shared", "-o", other.toString(), "-Wl,-soname," + needed, "-x", "c", "/dev/null");
    FakeNvml.cc(
        "-shared",
        "-o",
        file.toString(),
        source.toString(),
        "-Wl,--no-as-needed",
        other.toString());
    Files.delete(other);
  }

  /** Where ND4J's CUDA library lies below a directory that is on the class path. */
  public static Path onClassPath(Path root) {
    return root.resolve(
        "org/nd4j/linalg/jcublas/bindings/%s/libnd4jcuda.so".formatted(Loader.getPlatform()));
  }

  /** ELF-64: header, code, names, and a table of three sections. */
  Path elf(Path file, byte[] content) throws IOException {
    byte[] names = "\0.shstrtab\0.nv_fatbin\0".getBytes(StandardCharsets.ISO_8859_1);
    int namesAt = 64 + content.length;
    int table = namesAt + names.length;
    ByteBuffer library = little(table + 3 * 64);
    library.putInt(0, 0x464C457F);
    library.putLong(0x28, table);
    library.putShort(0x3A, (short) 64);
    library.putShort(0x3C, (short) 3);
    library.putShort(0x3E, (short) 1);
    library.put(64, content);
    library.put(namesAt, names);
    section(library, table + 64, 1, namesAt, names.length);
    section(library, table + 128, 11, 64, content.length);
    return Files.write(file, library.array());
  }

  /** PE: DOS header, PE header without optional one, and one section. */
  Path pe(Path file, byte[] content) throws IOException {
    ByteBuffer library = little(64 + 24 + 40 + content.length);
    library.putShort(0, (short) 0x5A4D);
    library.putInt(0x3C, 64);
    library.putShort(64 + 4 + 2, (short) 1);
    int table = 64 + 24;
    library.put(table, ".nv_fatb".getBytes(StandardCharsets.ISO_8859_1));
    library.putInt(table + 8, content.length);
    library.putInt(table + 16, content.length);
    library.putInt(table + 20, table + 40);
    library.put(table + 40, content);
    return Files.write(file, library.array());
  }

  private static void section(ByteBuffer library, int at, int name, int offset, int size) {
    library.putInt(at, name);
    library.putLong(at + 0x18, offset);
    library.putLong(at + 0x20, size);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
