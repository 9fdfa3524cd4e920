package org.ergometer.models.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Writes a {@link TokenFile} of any length from a buffer of a fixed size. The file is none until
 * {@link #finish}: what was begun and not ended is never opened.
 */
public final class TokenFileWriter implements Closeable {

  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel file;
  private final int width;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C checksum = new CRC32C();
  private long length;

  /**
   * A new file.
   *
   * @param vocabulary number of distinct tokens, which the width of an id follows from
   */
  public TokenFileWriter(Path path, int vocabulary) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.width = TokenFile.width(vocabulary);
    file.position(TokenFile.HEADER_BYTES);
  }

  /** Tokens written so far. */
  public long length() {
    return length;
  }

  public void add(int... tokens) throws IOException {
    for (int token : tokens) {
      if (buffer.remaining() < width) {
        flush();
      }
      switch (width) {
        case 1 -> buffer.put((byte) token);
        case 2 -> buffer.putShort((short) token);
        default -> buffer.putInt(token);
      }
    }
    length += tokens.length;
  }

  /** Completes the file and waits until the disk has it. */
  public void finish() throws IOException {
    flush();
    ByteBuffer header =
        ByteBuffer.allocate(TokenFile.HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(TokenFile.MAGIC.getBytes(StandardCharsets.ISO_8859_1))
            .putInt(width)
            .putInt((int) checksum.getValue())
            .putLong(length)
            .flip();
    while (header.hasRemaining()) {
      file.write(header, header.position());
    }
    file.force(true);
  }

  private void flush() throws IOException {
    checksum.update(buffer.flip());
    buffer.rewind();
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
    buffer.clear();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
