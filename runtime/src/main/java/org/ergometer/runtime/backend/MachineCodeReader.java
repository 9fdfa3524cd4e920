package org.ergometer.runtime.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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

  /** In 64-bit ELF, of Linux. */
  private static final String ELF_SECTION = ".nv_fatbin";

  /** In PE, of Windows, where names have eight letters. */
  private static final String PE_SECTION = ".nv_fatb";

  private static final int CONTAINER_MAGIC = 0xBA55ED50;
  private static final int CONTAINER_HEADER = 16;
  private static final int ENTRY_HEADER = 64;
  private static final int ALIGNMENT = 8;
  private static final int KIND_PTX = 1;
  private static final int KIND_BINARY = 2;
  private static final int ENTRY_ARCHITECTURE = 28;

  private final FileChannel file;
  private final long length;
  private final NavigableSet<ComputeCapability> binaries = new TreeSet<>();
  private final NavigableSet<ComputeCapability> intermediate = new TreeSet<>();

  /** A stretch of the file. */
  private record Section(long offset, long size) {}

  private MachineCodeReader(FileChannel file) throws IOException {
    this.file = file;
    this.length = file.size();
  }

  /**
   * The architectures in a library.
   *
   * @throws IOException if it cannot be read, or is no library with GPU code; the message says why
   */
  static MachineCode read(Path library) throws IOException {
    try (FileChannel channel = FileChannel.open(library, StandardOpenOption.READ)) {
      return new MachineCodeReader(channel).read();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("not a readable CUDA library: " + e.getMessage(), e);
    }
  }

  private MachineCode read() throws IOException {
    ByteBuffer start = bytes(0, 64);
    List<Section> sections =
        start.getInt(0) == 0x464C457F ? elfSections(start) : peSections(start.getShort(0));
    if (sections.isEmpty()) {
      throw new IOException("the library has no section of GPU code");
    }
    for (Section section : sections) {
      readContainers(section);
    }
    return MachineCode.of(binaries, intermediate);
  }

  /** ELF-64 object file format: the section header table is at e_shoff. */
  private List<Section> elfSections(ByteBuffer header) throws IOException {
    long table = header.getLong(0x28);
    int entrySize = Short.toUnsignedInt(header.getShort(0x3A));
    int entries = Short.toUnsignedInt(header.getShort(0x3C));
    int names = Short.toUnsignedInt(header.getShort(0x3E));
    if (entrySize < 0x40 || names >= entries) {
      throw new IOException("the library's table of sections is damaged");
    }
    ByteBuffer headers = bytes(table, Math.multiplyExact(entrySize, entries));
    long allNames = headers.getLong(names * entrySize + 0x18);
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      int at = i * entrySize;
      long name = allNames + Integer.toUnsignedLong(headers.getInt(at));
      if (text(name, ELF_SECTION.length() + 1).equals(ELF_SECTION)) {
        sections.add(new Section(headers.getLong(at + 0x18), headers.getLong(at + 0x20)));
      }
    }
    return sections;
  }

  /** Microsoft PE format: "MZ", the PE header's place at 0x3C, then the table of sections. */
  private List<Section> peSections(short magic) throws IOException {
    if (magic != 0x5A4D) {
      throw new IOException("it is neither an ELF nor a PE library");
    }
    long header = Integer.toUnsignedLong(bytes(0x3C, 4).getInt(0));
    ByteBuffer coff = bytes(header + 4, 20);
    int count = Short.toUnsignedInt(coff.getShort(2));
    long table = header + 24 + Short.toUnsignedInt(coff.getShort(16));
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = table + 40L * i;
      if (text(at, PE_SECTION.length()).equals(PE_SECTION)) {
        ByteBuffer section = bytes(at, 40);
        long size =
            Math.min(
                Integer.toUnsignedLong(section.getInt(8)),
                Integer.toUnsignedLong(section.getInt(16)));
        sections.add(new Section(Integer.toUnsignedLong(section.getInt(20)), size));
      }
    }
    return sections;
  }

  private void readContainers(Section section) throws IOException {
    long end = section.offset() + section.size();
    long at = section.offset();
    while (at + CONTAINER_HEADER <= end) {
      ByteBuffer header = bytes(at, CONTAINER_HEADER);
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
      ByteBuffer entry = bytes(at, ENTRY_HEADER);
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

  private String text(long offset, int count) throws IOException {
    if (offset < 0 || offset + count > length) {
      return "";
    }
    byte[] bytes = bytes(offset, count).array();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
  }

  private ByteBuffer bytes(long offset, int count) throws IOException {
    if (offset < 0 || count < 0 || offset > length - count) {
      throw new IOException("the library ends before what its headers announce");
    }
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, offset + buffer.position()) < 0) {
        throw new IOException("the library ends before what its headers announce");
      }
    }
    return buffer.flip();
  }
}
