package org.ergometer.accounting.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A file to which the processes of a run append what each has executed so far, so that a killed
 * process takes no more of its totals along than what it did after its last record.
 *
 * <p>A record is its length and its CRC-32C, four bytes each, and the bytes of a {@link
 * WorkRecord}. Records are totals of their process, not increments: the last of each process
 * counts, and one that is lost costs nothing once the next is written.
 */
public final class LedgerJournal implements Closeable {

  private static final int HEADER = 2 * Integer.BYTES;

  private final FileChannel file;
  private long end;

  /**
   * What a journal holds.
   *
   * @param records the last of each process, in the order of processes
   * @param bytes until where it is whole
   * @param damaged whether something other than a record cut short by the end follows
   */
  public record Contents(List<WorkRecord> records, long bytes, boolean damaged) {

    public Contents {
      records = List.copyOf(records);
    }
  }

  private LedgerJournal(FileChannel file, long end) {
    this.file = file;
    this.end = end;
  }

  /** Reads a journal as far as it is whole; a file that does not exist is empty. */
  public static Contents read(Path path) throws IOException {
    byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Map<Integer, WorkRecord> last = new TreeMap<>();
    int whole = 0;
    while (buffer.remaining() >= HEADER) {
      int length = buffer.getInt();
      int checksum = buffer.getInt();
      if (length > buffer.remaining()) {
        break; // the process died while it wrote
      }
      if (length < 0 || checksum(bytes, buffer.position(), length) != checksum) {
        return new Contents(new ArrayList<>(last.values()), whole, true);
      }
      byte[] record = new byte[length];
      buffer.get(record);
      WorkRecord read = WorkRecord.read(record);
      last.put(read.process(), read);
      whole = buffer.position();
    }
    return new Contents(new ArrayList<>(last.values()), whole, false);
  }

  /** Opens a journal to append after its first {@code bytes}; what follows them is cut off. */
  public static LedgerJournal append(Path path, long bytes) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      file.truncate(bytes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return new LedgerJournal(file, bytes);
  }

  /** Appends a record and waits until the disk has it; the journal is as before if this fails. */
  public void append(WorkRecord record) throws IOException {
    byte[] bytes = record.bytes();
    ByteBuffer buffer = ByteBuffer.allocate(HEADER + bytes.length);
    buffer.putInt(bytes.length).putInt(checksum(bytes, 0, bytes.length)).put(bytes).flip();
    // Where a record failed half-way, the next overwrites what came of it.
    long position = end;
    while (buffer.hasRemaining()) {
      position += file.write(buffer, position);
    }
    file.truncate(position);
    file.force(true);
    end = position;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
