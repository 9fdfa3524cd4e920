package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Region with one mean carbon intensity of electricity; the figures and their sources are in {@code
 * grid-regions.csv}.
 *
 * @param code two letters of ISO 3166-1, or {@code WORLD}, {@code EU}
 * @param year the figure is for
 */
public record GridRegion(String code, String name, CarbonIntensity intensity, int year) {

  private static final String TABLE = "grid-regions.csv";
  private static final int COLUMNS = 5;

  /** Every region of the table. */
  public static List<GridRegion> all() {
    return Table.REGIONS;
  }

  /** The region of a code or an English name, in any case. */
  public static Optional<GridRegion> named(String text) {
    return all().stream()
        .filter(region -> region.code.equalsIgnoreCase(text) || region.name.equalsIgnoreCase(text))
        .findFirst();
  }

  /** Every code and name. */
  public static List<String> names() {
    return all().stream().flatMap(region -> Stream.of(region.code, region.name)).toList();
  }

  private static GridRegion parse(String line) {
    String[] cells = line.split(";", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalStateException(TABLE + ": " + COLUMNS + " columns, got " + line);
    }
    String source = "%s, %s (%s)".formatted(cells[1], cells[3], cells[4]);
    return new GridRegion(
        cells[0],
        cells[1],
        new CarbonIntensity(Double.parseDouble(cells[2]), source),
        Integer.parseInt(cells[3]));
  }

  /** Read when first asked for. */
  private static final class Table {

    private static final List<GridRegion> REGIONS = read();

    private static List<GridRegion> read() {
      try (InputStream in = GridRegion.class.getResourceAsStream(TABLE)) {
        if (in == null) {
          throw new IllegalStateException(TABLE + " is missing from the jar");
        }
        return new BufferedReader(new InputStreamReader(in, UTF_8))
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(GridRegion::parse)
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(TABLE + " cannot be read", e);
      }
    }
  }
}
