package org.ergometer.accounting.utilization;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code devices.csv}, when it is first asked for. */
final class DeviceTable {

  static final List<Device> DEVICES = read();

  private static final String FILE = "devices.csv";
  private static final int COLUMNS = 12;
  private static final int FIRST_PEAK = 2;
  private static final int POWER = 8;
  private static final int BANDWIDTH = 9;
  private static final int SPARSITY = 10;
  private static final int SOURCE = 11;
  private static final double TERA = 1e12;
  private static final double GIGA = 1e9;

  private DeviceTable() {}

  private static List<Device> read() {
    try (InputStream in = Device.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException(FILE + " is missing from the jar");
      }
      return new BufferedReader(new InputStreamReader(in, UTF_8))
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(DeviceTable::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " cannot be read", e);
    }
  }

  private static Device parse(String line) {
    String[] cells = line.split(";", COLUMNS);
    if (cells.length != COLUMNS) {
      throw new IllegalStateException("%s: %s columns, got %s".formatted(FILE, COLUMNS, line));
    }
    Map<MatrixType, Double> peaks = new EnumMap<>(MatrixType.class);
    int column = FIRST_PEAK;
    for (MatrixType type : MatrixType.values()) {
      Double peak = number(cells[column++], TERA);
      if (peak != null) {
        peaks.put(type, peak);
      }
    }
    return new Device(
        cells[0],
        Stream.of(cells[1].split(",", -1)).filter(name -> !name.isEmpty()).toList(),
        peaks,
        number(cells[POWER], 1),
        number(cells[BANDWIDTH], GIGA),
        cells[SPARSITY].equals("yes"),
        cells[SOURCE]);
  }

  private static @Nullable Double number(String cell, double unit) {
    return cell.isEmpty() ? null : Double.parseDouble(cell) * unit;
  }
}
