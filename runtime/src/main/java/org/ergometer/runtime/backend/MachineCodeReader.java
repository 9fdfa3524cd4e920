package org.ergometer.runtime.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Reads from a shared library which GPUs it holds code for, without loading it.
 *
 * <p>The compiler puts GPU code into a section of its own: a sequence of containers, each with a
 * header of 16 bytes and entries that say their kind (machine code or PTX), size and architecture.
 * NVIDIA documents the section's name but not its inside; the layout was worked out from libraries
 * whose architectures are known, and every header is checked before it is believed. Only headers
 * are read, some thousand short reads whatever the library's size.
 */
final class MachineCodeReader {

  private static final String SECTION = ".nv_fatbin";
  private static final int CONTAINER_MAGIC = 0xBA55ED50;
  private static final int CONTAINER_HEADER = 16;
  private static final int ENTRY_HEADER = 64;
  private static final int ALIGNMENT = 8;
  private static final int KIND_PTX = 1;
  private static final int KIND_BINARY = 2;
  private static final int ENTRY_ARCHITECTURE = 28;

  private final LibraryFile file;
  private final NavigableSet<ComputeCapability> binaries = new TreeSet<>();
  private final NavigableSet<ComputeCapability> intermediate = new TreeSet<>();

  private MachineCodeReader(LibraryFile file) {
    this.file = file;
  }

  /**
   * The architectures in a library.
   *
   * @throws IOException if it cannot be read, or is no library with GPU code; the message says why
   */
  static MachineCode read(Path library) throws IOException {
    try (LibraryFile file = LibraryFile.open(library)) {
      return new MachineCodeReader(file).read();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("not a readable CUDA library: " + e.getMessage(), e);
    }
  }

  private MachineCode read() throws IOException {
    List<LibraryFile.Section> sections = file.sections(SECTION);
    if (sections.isEmpty()) {
      throw new IOException("the library has no section of GPU code");
    }
    for (LibraryFile.Section section : sections) {
      readContainers(section);
    }
    return MachineCode.of(binaries, intermediate);
  }

  private void readContainers(LibraryFile.Section section) throws IOException {
    long end = section.offset() + section.size();
    long at = section.offset();
    while (at + CONTAINER_HEADER <= end) {
      ByteBuffer header = file.bytes(at, CONTAINER_HEADER);
      if (header.getInt(0) != CONTAINER_MAGIC) {
        at += ALIGNMENT; // padding between containers
        continue;
      }
      long entries = at + Short.toUnsignedInt(header.getShort(6));
      long next = Math.addExact(entries, header.getLong(8));
      if (next <= at || next > end) {
        throw new IOException("a container of GPU code reaches past its section");
      }
      readEntries(entries, next);
      at = next;
    }
  }

  private void readEntries(long from, long to) throws IOException {
    long at = from;
    while (at + ENTRY_HEADER <= to) {
      ByteBuffer entry = file.bytes(at, ENTRY_HEADER);
      int kind = Short.toUnsignedInt(entry.getShort(0));
      long next =
          Math.addExact(
              at + Integer.toUnsignedLong(entry.getInt(4)), Math.max(0, entry.getLong(8)));
      if (next <= at || next > to) {
        throw new IOException("an entry of GPU code reaches past its container");
      }
      if (kind == KIND_BINARY) {
        binaries.add(ComputeCapability.ofNumber(entry.getInt(ENTRY_ARCHITECTURE)));
      } else if (kind == KIND_PTX) {
        intermediate.add(ComputeCapability.ofNumber(entry.getInt(ENTRY_ARCHITECTURE)));
      }
      at = next;
    }
  }
}
