package org.ergometer.runtime.weights;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.ForeignFile;

/**
 * A file of tensors in the format safetensors, read by mapping what is asked for: the length of the
 * header as little-endian int64, the header as JSON, then the data.
 */
final class SafetensorsFile implements Closeable {

  /** Longest header that the format's own reader takes. */
  static final long LONGEST_HEADER = 100_000_000;

  private static final String REMEDY = "; fetch or write the file again";

  private final Path path;
  private final FileChannel channel;
  private final long dataBegin;
  private final Map<String, StoredTensor> tensors;

  private SafetensorsFile(
      Path path, FileChannel channel, long dataBegin, Map<String, StoredTensor> tensors) {
    this.path = path;
    this.channel = channel;
    this.dataBegin = dataBegin;
    this.tensors = tensors;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws IllegalArgumentException if it is not there or not as the format wants it, in one line
   */
  static SafetensorsFile open(Path path) throws IOException {
    ForeignFile.requireRegular(path);
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException("%s does not exist".formatted(path), e);
    }
    try {
      long headerBytes = headerBytes(channel);
      ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(headerBytes));
      read(channel, header, Long.BYTES);
      long dataBegin = Long.BYTES + headerBytes;
      return new SafetensorsFile(
          path,
          channel,
          dataBegin,
          SafetensorsHeader.parse(header.array(), channel.size() - dataBegin));
    } catch (IllegalArgumentException e) {
      channel.close();
      String reason = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", "?");
      throw new InvalidInputException("%s: %s%s".formatted(path, reason, REMEDY), e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static long headerBytes(FileChannel channel) throws IOException {
    if (channel.size() < Long.BYTES) {
      throw new InvalidInputException(
          "safetensors begin with 8 bytes of length, got a file of %s".formatted(channel.size()));
    }
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    read(channel, length, 0);
    long bytes = length.getLong(0);
    if (bytes < 2 || bytes > LONGEST_HEADER) {
      throw new InvalidInputException(
          "the header must have 2 to %s bytes, got %s; is it safetensors?"
              .formatted(LONGEST_HEADER, Long.toUnsignedString(bytes)));
    }
    if (bytes > channel.size() - Long.BYTES) {
      throw new InvalidInputException(
          "the header must end within the file of %s bytes, got a length of %s; the file is cut off"
              .formatted(channel.size(), bytes));
    }
    return bytes;
  }

  private static void read(FileChannel channel, ByteBuffer target, long from) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, from + target.position()) < 0) {
        throw new InvalidInputException("the file became shorter while it was read");
      }
    }
  }

  Path path() {
    return path;
  }

  /** All tensors by name, in the order of their data. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  /**
   * Elements of a tensor as float32.
   *
   * @param first of them
   * @param format what its type says
   */
  float[] read(StoredTensor tensor, ElementFormat format, long first, int count)
      throws IOException {
    MappedByteBuffer mapped =
        channel.map(
            FileChannel.MapMode.READ_ONLY,
            dataBegin + tensor.begin() + first * format.bytes(),
            (long) count * format.bytes());
    ByteBuffer bytes = mapped.order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    for (int index = 0; index < count; index++) {
      values[index] = format.read(bytes);
    }
    return values;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
