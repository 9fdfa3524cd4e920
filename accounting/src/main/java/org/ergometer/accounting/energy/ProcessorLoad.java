package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** How busy all processors of the machine were since the look before, from {@code /proc/stat}. */
final class ProcessorLoad {

  /** Columns of proc(5): user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final int COLUMNS = 8;

  private static final int IDLE = 3;
  private static final int WAITING = 4;

  /** Time that a hypervisor gave to others. */
  private static final int STOLEN = 7;

  /** Ten numbers of twenty digits, and a name. */
  private static final int LONGEST_LINE = 256;

  private final Path file;
  private long lastBusy = -1;
  private long lastAll;

  ProcessorLoad(Path file) {
    this.file = file;
  }

  /** Whether the kernel tells it. */
  boolean readable() {
    return read() != null;
  }

  /**
   * Part of the processors' time that was worked, 0 to 1; not a number while the kernel's clock has
   * not moved, or at the first look; empty if the file cannot be read.
   */
  OptionalDouble next() {
    long[] ticks = read();
    if (ticks == null) {
      return OptionalDouble.empty();
    }
    long all = 0;
    for (long column : ticks) {
      all += column;
    }
    long busy = all - ticks[IDLE] - ticks[WAITING] - ticks[STOLEN];
    boolean first = lastBusy < 0;
    if (!first && all <= lastAll) {
      return OptionalDouble.of(Double.NaN);
    }
    double load = (double) Math.max(0, busy - lastBusy) / (all - lastAll);
    lastBusy = busy;
    lastAll = all;
    return OptionalDouble.of(first ? Double.NaN : Math.min(1, load));
  }

  private long @Nullable [] read() {
    try (FileInputStream in = new FileInputStream(file.toString())) {
      // the first line alone: those of single processors follow, and there may be hundreds
      String text = new String(in.readNBytes(LONGEST_LINE), US_ASCII);
      int end = text.indexOf('\n');
      String[] cells = (end < 0 ? text : text.substring(0, end)).strip().split("\\s+", -1);
      if (cells.length <= COLUMNS || !cells[0].equals("cpu")) {
        return null;
      }
      long[] ticks = new long[COLUMNS];
      for (int column = 0; column < COLUMNS; column++) {
        ticks[column] = Long.parseLong(cells[column + 1]);
      }
      return ticks;
    } catch (IOException | NumberFormatException e) {
      return null;
    }
  }
}
