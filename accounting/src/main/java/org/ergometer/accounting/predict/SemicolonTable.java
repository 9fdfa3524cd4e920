package org.ergometer.accounting.predict;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;

/** A table of this package's resources: cells between semicolons, comments behind {@code #}. */
final class SemicolonTable {

  private SemicolonTable() {}

  /** Its rows; the last cell may hold semicolons. */
  static List<String[]> rows(String file, int columns) {
    try (InputStream in = SemicolonTable.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing from the jar");
      }
      return new BufferedReader(new InputStreamReader(in, UTF_8))
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> cells(file, line, columns))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static String[] cells(String file, String line, int columns) {
    String[] cells = line.split(";", columns);
    if (cells.length != columns) {
      throw new IllegalStateException("%s: %s columns, got %s".formatted(file, columns, line));
    }
    return cells;
  }
}
