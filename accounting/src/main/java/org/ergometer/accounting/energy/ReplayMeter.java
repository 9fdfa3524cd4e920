package org.ergometer.accounting.energy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Energy from a logger's CSV file: a header {@code time,NAME,…}, then rows of seconds and of the
 * joules that each domain has drawn since the logger's start.
 *
 * <p>Times from 1e9 on are Unix times, aligned with the clock, of a file that a logger may still be
 * writing; others begin with the meter. Between two rows energy runs evenly. Columns that overlap
 * are not added: where there is a {@code package-N}, {@code psys} and {@code core} stay out.
 */
final class ReplayMeter implements EnergyMeter {

  private static final double FIRST_UNIX_TIME = 1e9;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MICRO = 1e6;

  private final Path file;
  private final LongSupplier nanoTime;
  private final boolean unixTimes;
  private final List<EnergyDomain> domains = new ArrayList<>();
  private final List<Integer> columns = new ArrayList<>();
  private List<double[]> rows;
  private long size;

  /** Seconds of the file at nanosecond 0 of the clock. */
  private final double offset;

  private double lastSeconds;
  private long lastNanos;
  private boolean begun;

  /**
   * A meter that plays a file.
   *
   * @param unixSeconds the time of day at nanosecond 0 of {@code nanoTime}
   * @throws IllegalArgumentException if the file cannot be read or is no such table
   */
  ReplayMeter(Path file, LongSupplier nanoTime, double unixSeconds) {
    this.file = file;
    this.nanoTime = nanoTime;
    List<String> lines = lines(file);
    chooseColumns(lines.isEmpty() ? "" : lines.get(0));
    this.rows = rows(lines);
    if (rows.isEmpty()) {
      throw wrong("it has no rows");
    }
    this.unixTimes = rows.get(0)[0] >= FIRST_UNIX_TIME;
    this.offset =
        unixTimes ? unixSeconds : rows.get(0)[0] - nanoTime.getAsLong() / NANOS_PER_SECOND;
  }

  private List<String> lines(Path path) {
    try {
      size = Files.size(path);
      return Files.readAllLines(path);
    } catch (IOException e) {
      throw new InvalidInputException(
          "energy-replay must be a CSV file that can be read, got %s (%s); set --energy-replay"
              .formatted(path, e.getClass().getSimpleName()),
          e);
    }
  }

  private void chooseColumns(String header) {
    List<String> names = Arrays.stream(header.split(",", -1)).map(String::strip).toList();
    if (names.size() < 2 || !names.get(0).equalsIgnoreCase("time")) {
      throw wrong("its first line must be time,NAME,…, got \"%s\"".formatted(header));
    }
    boolean packages = names.stream().anyMatch(name -> name.startsWith("package"));
    for (int column = 1; column < names.size(); column++) {
      String name = names.get(column);
      boolean part = name.startsWith("core") || name.startsWith("uncore") || name.equals("psys");
      if (!packages || !part) {
        columns.add(column);
        domains.add(
            new EnergyDomain(
                name, name, EnergyMethod.REPLAY, "what the logger of " + file + " measured"));
      }
    }
  }

  private List<double[]> rows(List<String> lines) {
    List<double[]> parsed = new ArrayList<>();
    for (int line = 1; line < lines.size(); line++) {
      if (lines.get(line).isBlank()) {
        continue;
      }
      double[] row = row(lines.get(line), line + 1, line == lines.size() - 1);
      if (row.length == 0) {
        break; // the logger is in the middle of it
      }
      if (!parsed.isEmpty()) {
        double[] before = parsed.get(parsed.size() - 1);
        for (int cell = 0; cell < row.length; cell++) {
          if (row[cell] < before[cell] || (cell == 0 && row[cell] == before[cell])) {
            throw wrong("time and joules must grow, and do not in line " + (line + 1));
          }
        }
      }
      parsed.add(row);
    }
    return parsed;
  }

  /** Time and the chosen columns; empty for a last line that is not whole yet. */
  private double[] row(String text, int number, boolean last) {
    String[] cells = text.split(",", -1);
    double[] row = new double[columns.size() + 1];
    try {
      row[0] = Double.parseDouble(cells[0]);
      for (int index = 0; index < columns.size(); index++) {
        row[index + 1] = Double.parseDouble(cells[columns.get(index)]);
      }
      if (!Arrays.stream(row).allMatch(Double::isFinite)) {
        throw new NumberFormatException("not finite");
      }
      return row;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      if (last) {
        return new double[0];
      }
      throw wrong("line %s must be numbers, got \"%s\"".formatted(number, text));
    }
  }

  private IllegalArgumentException wrong(String rule) {
    return new InvalidInputException(
        "energy-replay must be a table of time and joules: %s in %s; set --energy-replay"
            .formatted(rule, file));
  }

  @Override
  public List<EnergyDomain> domains() {
    return List.copyOf(domains);
  }

  @Override
  public List<EnergyReading> read() {
    long nanos = nanoTime.getAsLong();
    double seconds = nanos / NANOS_PER_SECOND + offset;
    grow(seconds);
    double end = rows.get(rows.size() - 1)[0];
    double from = lastSeconds;
    long fromNanos = lastNanos;
    if (seconds < rows.get(0)[0] || (seconds > end && (!begun || from >= end))) {
      return all(new EnergyReading.Unavailable(DropReason.NO_DATA));
    }
    double until = Math.min(seconds, end);
    long untilNanos = nanos - Math.round((seconds - until) * NANOS_PER_SECOND);
    boolean first = !begun;
    begun = true;
    if (!first && untilNanos <= fromNanos) {
      return all(new EnergyReading.Pending());
    }
    lastSeconds = until;
    lastNanos = untilNanos;
    if (first) {
      return all(new EnergyReading.Pending());
    }
    List<EnergyReading> readings = new ArrayList<>();
    for (int column = 1; column <= columns.size(); column++) {
      // Both ends are rounded, not the difference: the sum over all intervals stays exact.
      long gained =
          Math.round(joules(until, column) * MICRO) - Math.round(joules(from, column) * MICRO);
      readings.add(new EnergyReading.Measured(gained, fromNanos, untilNanos));
    }
    return readings;
  }

  private List<EnergyReading> all(EnergyReading reading) {
    return domains.stream().map(domain -> reading).toList();
  }

  /** Takes in what the logger wrote since; a file that is broken now leaves what was read. */
  private void grow(double seconds) {
    try {
      if (unixTimes && seconds > rows.get(rows.size() - 1)[0] && Files.size(file) != size) {
        List<double[]> now = rows(lines(file));
        rows = now.size() >= rows.size() ? now : rows;
      }
    } catch (IOException | IllegalArgumentException e) {
      return;
    }
  }

  /** Joules at a time within the rows, on the line between its neighbours. */
  private double joules(double seconds, int column) {
    int low = 0;
    int high = rows.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (rows.get(middle)[0] <= seconds) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    double[] before = rows.get(low);
    if (low == rows.size() - 1) {
      return before[column];
    }
    double[] after = rows.get(low + 1);
    double part = (seconds - before[0]) / (after[0] - before[0]);
    return before[column] + part * (after[column] - before[column]);
  }

  /** Holds nothing. */
  @Override
  public void close() {}
}
