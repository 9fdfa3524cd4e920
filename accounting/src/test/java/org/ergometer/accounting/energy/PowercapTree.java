package org.ergometer.accounting.energy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A powercap tree in a directory, as Linux shows it under {@code /sys/class/powercap}. */
final class PowercapTree {

  static final long RANGE = 262_143_328_850L;

  private final Path root;

  PowercapTree(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /** A zone, its counter at a value. */
  void zone(String id, String name, long microjoules) throws IOException {
    zone(id, name, microjoules, RANGE);
  }

  /** A zone whose counter starts again after a range. */
  void zone(String id, String name, long microjoules, long range) throws IOException {
    Path directory = Files.createDirectories(root.resolve(id));
    Files.writeString(directory.resolve("name"), name + "\n");
    Files.writeString(directory.resolve("max_energy_range_uj"), range + "\n");
    set(id, microjoules);
  }

  void set(String id, long microjoules) throws IOException {
    Files.writeString(energy(id), microjoules + "\n");
  }

  Path energy(String id) {
    return root.resolve(id).resolve("energy_uj");
  }
}
