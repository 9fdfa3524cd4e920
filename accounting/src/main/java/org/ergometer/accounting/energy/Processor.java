package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The processors of this machine as {@code /proc/cpuinfo} tells them.
 *
 * @param name model name; empty if it is not told
 * @param threads logical processors that are seen
 * @param sockets packages that they belong to
 * @param virtual whether a hypervisor shows them, which may keep others for itself
 */
record Processor(String name, int threads, int sockets, boolean virtual) {

  private static final String TABLE = "processors.csv";
  private static final int COLUMNS = 5;

  /** A row of {@code processors.csv}. */
  private record Model(String name, double watts, int threads, String source) {}

  /**
   * Watts of all its packages at full load.
   *
   * @param basis where they are from, for people
   */
  record RatedPower(double watts, String basis) {}

  /** Reads the file; a processor without a name where there is none. */
  static Processor read(Path cpuinfo) {
    String name = "";
    int threads = 0;
    boolean virtual = false;
    Set<String> sockets = new HashSet<>();
    try {
      for (String line : Files.readAllLines(cpuinfo)) {
        int colon = line.indexOf(':');
        String key = colon < 0 ? line : line.substring(0, colon).strip();
        String value = colon < 0 ? "" : line.substring(colon + 1).strip();
        threads += key.equals("processor") ? 1 : 0;
        name = key.equals("model name") ? value : name;
        virtual |= key.equals("flags") && List.of(value.split(" ")).contains("hypervisor");
        if (key.equals("physical id")) {
          sockets.add(value);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return new Processor("", 0, 0, false);
    }
    return new Processor(name, threads, Math.max(1, sockets.size()), virtual);
  }

  /**
   * The rated power of the table, TDP; a virtual machine has its part of it by logical processors.
   * Empty for a processor that the table does not know.
   */
  Optional<RatedPower> ratedPower() {
    Model model = model();
    if (model == null) {
      return Optional.empty();
    }
    if (virtual) {
      double part = (double) threads / model.threads;
      return Optional.of(
          new RatedPower(
              model.watts * part,
              "%s of %s threads of %s, %s W TDP, %s"
                  .formatted(threads, model.threads, model.name, model.watts, model.source)));
    }
    return Optional.of(
        new RatedPower(
            model.watts * sockets,
            "%s x %s, %s W TDP, %s".formatted(sockets, model.name, model.watts, model.source)));
  }

  /** The longest name of the table that this one contains, as whole words. */
  private @Nullable Model model() {
    String words = words(name);
    return Table.MODELS.stream()
        .filter(model -> words.contains(words(model.name)))
        .max(Comparator.comparingInt(model -> model.name.length()))
        .orElse(null);
  }

  /** Makers' marks out, one space between and around words. */
  private static String words(String text) {
    String plain = text.replace("(R)", " ").replace("(TM)", " ").replace("(r)", " ");
    return " " + plain.strip().toLowerCase(Locale.ROOT).replaceAll("[\\s@,]+", " ") + " ";
  }

  private static Model parse(String line) {
    String[] cells = line.split(";", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalStateException(TABLE + ": " + COLUMNS + " columns, got " + line);
    }
    return new Model(
        cells[0],
        Double.parseDouble(cells[1]),
        Integer.parseInt(cells[2]),
        cells[4] + " " + cells[3]);
  }

  /** Read when first asked for. */
  private static final class Table {

    private static final List<Model> MODELS = read();

    private static List<Model> read() {
      try (InputStream in = Processor.class.getResourceAsStream(TABLE)) {
        if (in == null) {
          throw new IllegalStateException(TABLE + " is missing from the jar");
        }
        return new BufferedReader(new InputStreamReader(in, UTF_8))
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(Processor::parse)
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(TABLE + " cannot be read", e);
      }
    }
  }
}
