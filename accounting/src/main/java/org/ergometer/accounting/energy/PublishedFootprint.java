package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Energy and emissions of a training run as somebody published them, to hold our arithmetic
 * against; the figures and their sources are in {@code published-footprints.csv}.
 *
 * @param deviceHours devices times hours
 * @param watts of a device, on average or at most: the source's choice
 * @param intensity null where no emissions follow
 * @param megawattHours rounded as printed; null where it is not printed
 * @param tonnes CO2e, rounded as printed; null where it is not printed
 * @param note what is to be said of it, or empty
 */
public record PublishedFootprint(
    String label,
    double deviceHours,
    double watts,
    PowerUsageEffectiveness pue,
    @Nullable CarbonIntensity intensity,
    @Nullable BigDecimal megawattHours,
    @Nullable BigDecimal tonnes,
    String note,
    String source) {

  private static final String FILE = "published-footprints.csv";
  private static final int COLUMNS = 9;
  private static final double KILO = 1e3;
  private static final double GRAMS_PER_TONNE = 1e6;

  /** Every figure of the table. */
  public static List<PublishedFootprint> all() {
    try (InputStream in = PublishedFootprint.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException(FILE + " is missing from the jar");
      }
      return new BufferedReader(new InputStreamReader(in, UTF_8))
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(PublishedFootprint::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " cannot be read", e);
    }
  }

  /** Energy of the whole facility by our arithmetic, MWh. */
  public double ourMegawattHours() {
    double joules = pue.facilityJoules(Footprint.joules(deviceHours, watts));
    return KilowattHours.ofJoules(joules) / KILO;
  }

  /** Emissions by our arithmetic, t CO2e; null where there is no intensity. */
  public @Nullable Double ourTonnes() {
    Emissions emissions =
        Footprint.of(Footprint.joules(deviceHours, watts), pue, intensity, null).emissions();
    return emissions == null ? null : (Double) (emissions.grams() / GRAMS_PER_TONNE);
  }

  private static PublishedFootprint parse(String line) {
    String[] cells = line.split(";", COLUMNS);
    if (cells.length != COLUMNS) {
      throw new IllegalStateException("%s: %s columns, got %s".formatted(FILE, COLUMNS, line));
    }
    return new PublishedFootprint(
        cells[0],
        Double.parseDouble(cells[1]),
        Double.parseDouble(cells[2]),
        new PowerUsageEffectiveness(Double.parseDouble(cells[3])),
        cells[4].isEmpty() ? null : new CarbonIntensity(Double.parseDouble(cells[4]), cells[8]),
        cells[5].isEmpty() ? null : new BigDecimal(cells[5]),
        cells[6].isEmpty() ? null : new BigDecimal(cells[6]),
        cells[7],
        cells[8]);
  }
}
