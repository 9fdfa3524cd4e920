package org.ergometer.models.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A token sequence in a file, mapped into memory: the system keeps those pages that are in use.
 *
 * <p>The file, little-endian: the 8 characters {@value #MAGIC}; as int32 the width of an id, which
 * is 1, 2 or 4 bytes, and the CRC-32C of all ids; as int64 their number; then the ids, unsigned.
 */
public final class TokenFile implements TokenSequence {

  static final String MAGIC = "ERGTOKN1";
  static final int HEADER_BYTES = 24;

  private static final int SEGMENT_BITS = 30;
  private static final long SEGMENT_MASK = (1L << SEGMENT_BITS) - 1;
  private static final int CHECKED_AT_ONCE = 1 << 20;

  private final Path path;
  private final FileChannel file;
  private final long length;
  private final int width;
  private final MappedByteBuffer[] segments;

  private TokenFile(
      Path path, FileChannel file, long length, int width, MappedByteBuffer[] segments) {
    this.path = path;
    this.file = file;
    this.length = length;
    this.width = width;
    this.segments = segments;
  }

  /** Bytes that an id of a vocabulary takes. */
  static int width(int vocabulary) {
    return vocabulary <= 1 << Byte.SIZE ? 1 : vocabulary <= 1 << Short.SIZE ? 2 : 4;
  }

  /**
   * Opens a file and reads all of it once, to hold it against its checksum. It stays open until the
   * process ends, as what is mapped does.
   *
   * @throws IOException if it is not as it was written
   */
  public static TokenFile open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return open(path, file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static TokenFile open(Path path, FileChannel file) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    boolean more = true;
    while (header.hasRemaining() && more) {
      more = file.read(header) >= 0;
    }
    header.flip();
    if (header.remaining() < HEADER_BYTES || !magic(header).equals(MAGIC)) {
      throw new IOException("%s is no file of tokens".formatted(path));
    }
    int width = header.getInt();
    int checksum = header.getInt();
    long length = header.getLong();
    boolean known =
        (width == 1 || width == 2 || width == 4) && length <= file.size() && length >= 0;
    if (!known || file.size() != HEADER_BYTES + length * width || checksum != checksum(file)) {
      throw new IOException("%s is not as it was written".formatted(path));
    }
    return new TokenFile(path, file, length, width, map(file));
  }

  private static String magic(ByteBuffer header) {
    byte[] magic = new byte[MAGIC.length()];
    header.get(magic);
    return new String(magic, StandardCharsets.ISO_8859_1);
  }

  private static int checksum(FileChannel file) throws IOException {
    CRC32C checksum = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHECKED_AT_ONCE);
    while (file.read(buffer) >= 0) {
      checksum.update(buffer.flip());
      buffer.clear();
    }
    return (int) checksum.getValue();
  }

  /** Segments begin at whole ids of every width, so that no id lies in two. */
  private static MappedByteBuffer[] map(FileChannel file) throws IOException {
    long bytes = file.size() - HEADER_BYTES;
    int count = Math.toIntExact((bytes + SEGMENT_MASK) >>> SEGMENT_BITS);
    MappedByteBuffer[] segments = new MappedByteBuffer[count];
    for (int segment = 0; segment < count; segment++) {
      long from = (long) segment << SEGMENT_BITS;
      segments[segment] =
          file.map(
              MapMode.READ_ONLY, HEADER_BYTES + from, Math.min(bytes - from, 1L << SEGMENT_BITS));
      segments[segment].order(ByteOrder.LITTLE_ENDIAN);
    }
    return segments;
  }

  @Override
  public long length() {
    return length;
  }

  /**
   * Copies tokens.
   *
   * @throws UncheckedIOException if the file is shorter than it was when it was opened
   */
  @Override
  public void copy(long offset, int[] target, int at, int count) {
    requireWhole();
    try {
      for (int i = 0; i < count; i++) {
        target[at + i] = token((offset + i) * width);
      }
    } catch (InternalError e) { // what Java makes of a page that is gone since
      throw cut(e);
    }
    requireWhole();
  }

  /**
   * A page beyond the end of a file is no error that Java promises to report where it is met:
   * compiled code may go on with zeros for a while.
   */
  private void requireWhole() {
    try {
      if (file.size() < HEADER_BYTES + length * width) {
        throw cut(null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read any more".formatted(path), e);
    }
  }

  private UncheckedIOException cut(@Nullable Throwable cause) {
    String message =
        "%s was cut short while it was in use; a new start makes it again".formatted(path);
    return new UncheckedIOException(message, new IOException(message, cause));
  }

  private int token(long at) {
    MappedByteBuffer segment = segments[(int) (at >>> SEGMENT_BITS)];
    int index = (int) (at & SEGMENT_MASK);
    return switch (width) {
      case 1 -> Byte.toUnsignedInt(segment.get(index));
      case 2 -> Short.toUnsignedInt(segment.getShort(index));
      default -> segment.getInt(index);
    };
  }
}
