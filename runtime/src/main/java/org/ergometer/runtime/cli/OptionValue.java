package org.ergometer.runtime.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.runtime.config.NearestName;
import org.ergometer.runtime.config.Quantity;

/** Values that several commands take in the same way; what is none is told with its remedy. */
final class OptionValue {

  private OptionValue() {}

  /** Beyond what anything measures; products of a few of them are still numbers. */
  private static final double LARGEST = 1e60;

  /**
   * A number above 0 that may be a quantity of something, written like {@code 1.4e12}, {@code 70B}
   * or {@code 512k}.
   */
  static double positive(String option, String text) {
    double value = Quantity.real(option, text);
    if (!(value > 0)) {
      throw new InvalidInputException(
          "%s must be > 0, got %s; set --%s".formatted(option, text.strip(), option));
    }
    if (value > LARGEST || value < 1 / LARGEST) {
      throw new InvalidInputException(
          "%s must be between 1e-60 and 1e60, got %s; set --%s"
              .formatted(option, text.strip(), option));
    }
    return value;
  }

  /** A path. */
  static Path path(String option, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
          "%s must be a path, got one with an impossible character; set --%s"
              .formatted(option, option),
          e);
    }
  }

  /** A whole number from 1 to another. */
  static int count(String option, String text, int most) {
    long value = Quantity.whole(option, text);
    if (value < 1 || value > most) {
      throw new InvalidInputException(
          "%s must be from 1 to %s, got %s; set --%s"
              .formatted(option, most, text.strip(), option));
    }
    return (int) value;
  }

  /** A device of the table. */
  static Device device(String text) {
    return Device.named(text)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "device must be one that is known, got \"%s\"; %s"
                        .formatted(
                            text,
                            Device.allNames().stream()
                                .filter(name -> alike(name).equals(alike(text)))
                                .findFirst()
                                .map("did you mean %s?"::formatted)
                                .orElse(
                                    "known are "
                                        + String.join(", ", Device.allNames())
                                        + "; for another one set --peak"))));
  }

  /** A letter or digit more or less is another device; only what looks the same is the same. */
  private static String alike(String name) {
    return name.toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9]", "")
        .replace('o', '0')
        .replaceAll("[il]", "1");
  }

  /** A data type of matrix products. */
  static MatrixType matrixType(String text) {
    return MatrixType.named(text)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "dtype must be one that is known, got \"%s\"; %s"
                        .formatted(
                            text,
                            NearestName.of(text, MatrixType.names())
                                .map("did you mean %s?"::formatted)
                                .orElse("known are " + String.join(", ", MatrixType.names())))));
  }
}
