package org.ergometer.runtime.backend;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A shared library as a file: its sections by name, read but not loaded. ELF-64 and PE. */
final class LibraryFile implements Closeable {

  private static final int ELF_MAGIC = 0x464C457F;
  private static final int PE_MAGIC = 0x5A4D;

  /** In PE, of Windows, names have eight letters. */
  private static final int PE_NAME = 8;

  private final FileChannel file;
  private final long length;

  /** A stretch of the file. */
  record Section(long offset, long size) {}

  private LibraryFile(FileChannel file) throws IOException {
    this.file = file;
    this.length = file.size();
  }

  static LibraryFile open(Path library) throws IOException {
    FileChannel channel = FileChannel.open(library, StandardOpenOption.READ);
    try {
      return new LibraryFile(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * All sections of a name; in PE those of its first eight letters.
   *
   * @throws IOException if it is no library, or a damaged one; the message says why
   */
  List<Section> sections(String name) throws IOException {
    ByteBuffer start = bytes(0, 64);
    if (start.getInt(0) == ELF_MAGIC) {
      return elfSections(start, name);
    }
    if (Short.toUnsignedInt(start.getShort(0)) != PE_MAGIC) {
      throw new IOException("it is neither an ELF nor a PE library");
    }
    return peSections(name.substring(0, Math.min(PE_NAME, name.length())));
  }

  /** ELF-64 object file format: the section header table is at e_shoff. */
  private List<Section> elfSections(ByteBuffer header, String wanted) throws IOException {
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
      if (text(name, wanted.length() + 1).equals(wanted)) {
        sections.add(new Section(headers.getLong(at + 0x18), headers.getLong(at + 0x20)));
      }
    }
    return sections;
  }

  /** Microsoft PE format: "MZ", the PE header's place at 0x3C, then the table of sections. */
  private List<Section> peSections(String wanted) throws IOException {
    long header = Integer.toUnsignedLong(bytes(0x3C, 4).getInt(0));
    ByteBuffer coff = bytes(header + 4, 20);
    int count = Short.toUnsignedInt(coff.getShort(2));
    long table = header + 24 + Short.toUnsignedInt(coff.getShort(16));
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = table + 40L * i;
      if (text(at, PE_NAME).equals(wanted)) {
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

  /** A text that ends at a zero byte, after some bytes, or with the file; empty beyond it. */
  String text(long offset, int count) throws IOException {
    if (offset < 0 || offset >= length) {
      return "";
    }
    byte[] bytes = bytes(offset, Math.toIntExact(Math.min(count, length - offset))).array();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
  }

  /** Bytes in the order of x86 and of all GPUs. */
  ByteBuffer bytes(long offset, int count) throws IOException {
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

  @Override
  public void close() throws IOException {
    file.close();
  }
}
