package org.ergometer.runtime.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one most likely meant. */
public final class NearestName {

  /** Letters that say enough of a name. */
  private static final int LEAST_BEGIN = 4;

  private NearestName() {}

  /**
   * The shortest name that begins so, signs between its letters aside; else the one with the fewest
   * changed letters, if at most half of the letters differ.
   */
  public static Optional<String> of(String mistyped, Collection<String> known) {
    String wanted = mistyped.toLowerCase(Locale.ROOT);
    String begin = letters(wanted);
    return known.stream()
        .filter(name -> begin.length() >= LEAST_BEGIN && letters(name).startsWith(begin))
        .min(Comparator.comparingInt(String::length))
        .or(() -> fewestChanges(wanted, known));
  }

  /**
   * The one known name of which this is a slip of the pen: at most a quarter of the letters differ.
   */
  static Optional<String> typo(String mistyped, Collection<String> known) {
    String wanted = mistyped.toLowerCase(Locale.ROOT);
    return known.stream()
        .filter(name -> 4 * distance(wanted, name.toLowerCase(Locale.ROOT)) <= wanted.length())
        .min(Comparator.comparingInt(name -> distance(wanted, name.toLowerCase(Locale.ROOT))));
  }

  private static String letters(String name) {
    return name.replaceAll("[^a-z0-9]", "");
  }

  private static Optional<String> fewestChanges(String wanted, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(name -> distance(wanted, name)))
        .filter(name -> 2 * distance(wanted, name) <= Math.max(wanted.length(), name.length()));
  }

  /** Insertions, deletions and replacements that turn one into the other (Levenshtein 1966). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int column = 0; column <= to.length(); column++) {
      row[column] = column;
    }
    for (int line = 1; line <= from.length(); line++) {
      int diagonal = row[0];
      row[0] = line;
      for (int column = 1; column <= to.length(); column++) {
        int replaced = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
        diagonal = row[column];
        row[column] = Math.min(replaced, 1 + Math.min(row[column], row[column - 1]));
      }
    }
    return row[to.length()];
  }
}
