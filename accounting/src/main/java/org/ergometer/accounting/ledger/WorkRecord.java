package org.ergometer.accounting.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.ergometer.accounting.op.ElementType;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.Phase;

/**
 * All that one process has executed of a run until one moment, as it is kept on disk.
 *
 * @param process which one, from 1 in the order of their starts
 * @param tallies other counts of that moment by name, such as steps; those of the caller
 * @param ledger what was counted
 */
public record WorkRecord(int process, Map<String, Long> tallies, LedgerSnapshot ledger) {

  private static final int VERSION = 2;

  public WorkRecord {
    if (process < 1) {
      throw new IllegalArgumentException("process must be >= 1, got " + process);
    }
    tallies = Map.copyOf(tallies);
  }

  /** The record as bytes, compressed; {@link #read} gives it back exactly. */
  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
      out.writeByte(VERSION);
      out.writeInt(process);
      out.writeInt(tallies.size());
      for (Map.Entry<String, Long> tally : new TreeMap<>(tallies).entrySet()) {
        out.writeUTF(tally.getKey());
        out.writeLong(tally.getValue());
      }
      out.writeLong(ledger.accountingErrors());
      out.writeInt(ledger.entries().size());
      for (LedgerEntry entry : ledger.entries()) {
        write(out, entry);
      }
    } catch (IOException e) {
      throw new IllegalStateException("memory can always be written", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The record that bytes hold.
   *
   * @throws IOException if they hold none
   */
  public static WorkRecord read(byte[] bytes) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new IOException("record of version " + version + ", known is " + VERSION);
      }
      int process = in.readInt();
      Map<String, Long> tallies = new TreeMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        tallies.put(in.readUTF(), in.readLong());
      }
      long errors = in.readLong();
      List<LedgerEntry> entries = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        entries.add(entry(in));
      }
      return new WorkRecord(process, tallies, new LedgerSnapshot(entries, errors));
    } catch (IllegalArgumentException e) {
      throw new IOException("unknown name in a record: " + e.getMessage(), e);
    }
  }

  /** Names rather than positions of constants: a later version may have more of them. */
  private static void write(DataOutputStream out, LedgerEntry entry) throws IOException {
    out.writeUTF(entry.layer());
    out.writeUTF(entry.phase().name());
    out.writeUTF(entry.family().name());
    out.writeUTF(entry.op());
    out.writeUTF(entry.opClass().name());
    out.writeUTF(entry.type().name());
    out.writeLong(entry.executions());
    write(out, entry.flops());
    write(out, entry.bytesRead());
    write(out, entry.bytesWritten());
    write(out, entry.footprint());
  }

  private static LedgerEntry entry(DataInputStream in) throws IOException {
    return new LedgerEntry(
        in.readUTF(),
        Phase.valueOf(in.readUTF()),
        OpFamily.valueOf(in.readUTF()),
        in.readUTF(),
        OpClass.valueOf(in.readUTF()),
        ElementType.valueOf(in.readUTF()),
        in.readLong(),
        count(in),
        count(in),
        count(in),
        count(in));
  }

  private static void write(DataOutputStream out, BigInteger count) throws IOException {
    byte[] digits = count.toByteArray();
    out.writeByte(digits.length);
    out.write(digits);
  }

  private static BigInteger count(DataInputStream in) throws IOException {
    byte[] digits = new byte[in.readUnsignedByte()];
    in.readFully(digits);
    if (digits.length == 0) {
      throw new IOException("count without digits");
    }
    return new BigInteger(digits);
  }
}
