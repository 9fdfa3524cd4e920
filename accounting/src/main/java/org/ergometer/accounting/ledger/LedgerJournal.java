package org.ergometer.accounting.ledger;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A file to which the processes of a run append what each has executed so far, so that a killed
 * process takes no more of its totals along than what it did after its last record.
 *
 * <p>A record is its length and its CRC-32C, four bytes each, and the bytes of a {@link
 * WorkRecord}. Records are totals of their process, not increments: the last of each process
 * counts, and one that is lost costs nothing once the next is written. Where the file has grown to
 * 16 MiB, hours of training, one with only those that count takes its place.
 */
public final class LedgerJournal implements Closeable {

  private static final int HEADER = 2 * Integer.BYTES;

  /** Size in bytes at which records that no longer count are left out. */
  private static final long USUAL_LIMIT = 16L << 20;

  private final Path path;
  private final long usualLimit;
  private FileChannel file;
  private long end;
  private long limit;

  /**
   * What a journal holds.
   *
   * @param records the last whole one of each process, in the order of processes
   * @param bytes until where its last whole record reaches
   * @param damaged whether something other than a record cut short by the end is in it
   */
  public record Contents(List<WorkRecord> records, long bytes, boolean damaged) {

    public Contents {
      records = List.copyOf(records);
    }
  }

  private LedgerJournal(Path path, FileChannel file, long end, long limit) {
    this.path = path;
    this.file = file;
    this.end = end;
    this.usualLimit = limit;
    this.limit = Math.max(limit, 2 * end);
  }

  /**
   * Reads all whole records, also those after damage; a file that does not exist is empty.
   *
   * @throws IOException if it cannot be read, or a record is of another version
   */
  public static Contents read(Path path) throws IOException {
    byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Map<Integer, WorkRecord> last = new TreeMap<>();
    int whole = 0;
    boolean damaged = false;
    for (int at = 0; at + HEADER < bytes.length; ) {
      int length = buffer.getInt(at);
      boolean within = length > 0 && length <= bytes.length - at - HEADER;
      if (within && checksum(bytes, at + HEADER, length) == buffer.getInt(at + Integer.BYTES)) {
        WorkRecord read =
            WorkRecord.read(Arrays.copyOfRange(bytes, at + HEADER, at + HEADER + length));
        last.put(read.process(), read);
        damaged |= at > whole;
        at += HEADER + length;
        whole = at;
      } else {
        damaged |= at == whole && (within || length < 0);
        at++;
      }
    }
    return new Contents(new ArrayList<>(last.values()), whole, damaged);
  }

  /** Opens a journal to append after its first {@code bytes}; what follows them is cut off. */
  public static LedgerJournal append(Path path, long bytes) throws IOException {
    return append(path, bytes, USUAL_LIMIT);
  }

  static LedgerJournal append(Path path, long bytes, long limit) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      file.truncate(bytes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return new LedgerJournal(path, file, bytes, limit);
  }

  /** Appends a record and waits until the disk has it; the journal is as before if this fails. */
  public void append(WorkRecord record) throws IOException {
    if (end >= limit) {
      shorten();
    }
    ByteBuffer buffer = framed(record);
    // Where a record failed half-way, the next overwrites what came of it.
    long position = write(file, end, buffer);
    file.truncate(position);
    file.force(true);
    end = position;
  }

  /** Puts a journal of those records that count in place of this one. */
  private void shorten() throws IOException {
    Path beside = path.resolveSibling(path.getFileName() + ".part");
    Files.deleteIfExists(beside); // of a process that ended here
    FileChannel shorter =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    try {
      long position = 0;
      for (WorkRecord record : read(path).records()) {
        position = write(shorter, position, framed(record));
      }
      shorter.force(true);
      Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncName();
      file.close();
      file = shorter;
      end = position;
      limit = Math.max(usualLimit, 2 * end);
    } catch (IOException e) {
      shorter.close();
      Files.deleteIfExists(beside);
      throw e;
    }
  }

  /** Waits until the disk has the journal's new name; Windows opens no directories for that. */
  private void syncName() throws IOException {
    Path parent = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a file's directory");
    try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
      directory.force(true);
    } catch (AccessDeniedException e) {
      return;
    }
  }

  private static ByteBuffer framed(WorkRecord record) {
    byte[] bytes = record.bytes();
    ByteBuffer buffer = ByteBuffer.allocate(HEADER + bytes.length);
    return buffer.putInt(bytes.length).putInt(checksum(bytes, 0, bytes.length)).put(bytes).flip();
  }

  private static long write(FileChannel file, long from, ByteBuffer buffer) throws IOException {
    long position = from;
    while (buffer.hasRemaining()) {
      position += file.write(buffer, position);
    }
    return position;
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
