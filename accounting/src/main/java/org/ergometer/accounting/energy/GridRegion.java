package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Region with one mean carbon intensity of electricity; the figures and their sources are in {@code
 * grid-regions.csv}.
 *
 * @param code two letters of ISO 3166-1, or {@code WORLD}, {@code EU}
 * @param year the figure is for
 * @param otherNames that people know it by
 */
public record GridRegion(
    String code, String name, CarbonIntensity intensity, int year, List<String> otherNames) {

  private static final String TABLE = "grid-regions.csv";
  private static final int COLUMNS = 6;
  private static final String EUROPEAN_UNION = "EU";

  public GridRegion {
    otherNames = List.copyOf(otherNames);
  }

  /** Every region of the table. */
  public static List<GridRegion> all() {
    return Table.REGIONS;
  }

  /**
   * The region of a code of two or three letters, or an English name, whatever its case, accents
   * and dots.
   */
  public static Optional<GridRegion> named(String text) {
    String wanted = simplified(text);
    return all().stream()
        .filter(region -> region.allNames().anyMatch(name -> simplified(name).equals(wanted)))
        .findFirst();
  }

  /** Every code and name. */
  public static List<String> names() {
    return all().stream().flatMap(region -> Stream.of(region.code, region.name)).toList();
  }

  /** English names of all countries there are, whether they are in the table or not. */
  public static Set<String> countries() {
    return Arrays.stream(Locale.getISOCountries())
        .map(GridRegion::country)
        .map(country -> country.getDisplayCountry(Locale.ENGLISH))
        .collect(Collectors.toSet());
  }

  private Stream<String> allNames() {
    Stream<String> listed = Stream.concat(Stream.of(code, name), otherNames.stream());
    if (code.length() != 2 || code.equals(EUROPEAN_UNION)) {
      return listed;
    }
    Locale country = country(code);
    return Stream.concat(
        listed, Stream.of(country.getISO3Country(), country.getDisplayCountry(Locale.ENGLISH)));
  }

  private static Locale country(String code) {
    return new Locale.Builder().setRegion(code).build();
  }

  /** Letters alone, without accents and article. */
  private static String simplified(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFD)
        .toLowerCase(Locale.ROOT)
        .replace('ı', 'i')
        .replaceAll("[^\\p{L}]", "")
        .replaceFirst("^the(?=.{4})", "");
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
        Integer.parseInt(cells[3]),
        cells[5].isEmpty() ? List.of() : List.of(cells[5].split(",", -1)));
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
