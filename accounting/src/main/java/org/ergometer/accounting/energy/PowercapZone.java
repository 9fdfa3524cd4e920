package org.ergometer.accounting.energy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One zone of Linux' powercap tree (Documentation/power/powercap): a directory with {@code name},
 * {@code energy_uj} and {@code max_energy_range_uj}.
 *
 * @param directory where its files are
 * @param name the kernel's: {@code package-0}, {@code dram}, {@code psys}, {@code core}, …
 * @param label its name, made unique by the package it is part of
 * @param parent name of the zone it is part of; null at the top
 */
record PowercapZone(Path directory, String name, String label, @Nullable String parent) {

  static final String ENERGY = "energy_uj";
  private static final String RANGE = "max_energy_range_uj";
  private static final int LONGEST_NUMBER = 32;

  /** Digits that fit a long whatever they are. */
  private static final int LONGEST_EXACT = 18;

  /** The zone of a directory; null if it is none. */
  static @Nullable PowercapZone of(Path directory, @Nullable String parent) {
    if (!Files.exists(directory.resolve(ENERGY))) {
      return null;
    }
    try {
      String name = Files.readString(directory.resolve("name"), US_ASCII).strip();
      String label =
          parent == null || !parent.startsWith(PACKAGE)
              ? name
              : name + "-" + parent.substring(PACKAGE.length());
      return new PowercapZone(directory, name, label, parent);
    } catch (IOException e) {
      return null;
    }
  }

  private static final String PACKAGE = "package-";

  boolean isPackage() {
    return name.startsWith(PACKAGE);
  }

  boolean isMemory() {
    return name.equals("dram");
  }

  /** The whole platform: its energy holds that of packages and memory. */
  boolean isPlatform() {
    return name.equals("psys");
  }

  /** Device for metrics: the processor that the zone belongs to, {@code cpu-0}. */
  String device() {
    String ofPackage = isPackage() ? name : parent;
    return ofPackage != null && ofPackage.startsWith(PACKAGE)
        ? "cpu-" + ofPackage.substring(PACKAGE.length())
        : isPlatform() ? "platform" : "cpu";
  }

  Path energyFile() {
    return directory.resolve(ENERGY);
  }

  /** Microjoules at which the counter starts again; empty if the kernel does not say. */
  OptionalLong range() {
    OptionalLong range = read(directory.resolve(RANGE));
    return range.isPresent() && range.getAsLong() > 0 ? range : OptionalLong.empty();
  }

  /** The counter's value; empty if it cannot be had now. */
  OptionalLong energy() {
    return read(energyFile());
  }

  /**
   * Opened anew each time: a zone may go and come back, and an open file would show the old one.
   */
  private static OptionalLong read(Path file) {
    byte[] bytes = new byte[LONGEST_NUMBER];
    try (FileInputStream in = new FileInputStream(file.toString())) {
      int length = in.readNBytes(bytes, 0, bytes.length);
      return number(bytes, length);
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** Digits, and nothing but white space around them; without an object for each look. */
  private static OptionalLong number(byte[] bytes, int length) {
    int from = 0;
    int to = length;
    while (from < to && bytes[from] <= ' ') {
      from++;
    }
    while (to > from && bytes[to - 1] <= ' ') {
      to--;
    }
    if (from == to || to - from > LONGEST_EXACT) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int index = from; index < to; index++) {
      int digit = bytes[index] - '0';
      if (digit < 0 || digit > 9) {
        return OptionalLong.empty();
      }
      number = 10 * number + digit;
    }
    return OptionalLong.of(number);
  }
}
