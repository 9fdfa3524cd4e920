package org.ergometer.accounting.energy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * RAPL counters of Intel's and AMD's processors through Linux' powercap tree: packages and their
 * memory; the whole platform (psys) only where no package can be read, since it holds them.
 */
final class PowercapMeter implements EnergyMeter {

  /** Zones lie at most so deep: control type, package, part of the package. */
  private static final int DEPTH = 3;

  private final List<PowercapZone> zones;
  private final List<EnergyCounter> counters;
  private final List<EnergyDomain> domains;
  private final LongSupplier nanoTime;
  private final long periodNanos;

  private PowercapMeter(List<PowercapZone> zones, LongSupplier nanoTime) {
    this.zones = zones;
    this.counters =
        zones.stream().map(zone -> new EnergyCounter(zone.range().orElseThrow())).toList();
    this.domains = zones.stream().map(PowercapMeter::domain).toList();
    this.nanoTime = nanoTime;
    this.periodNanos =
        zones.stream()
            .mapToLong(zone -> EnergyCounter.periodNanos(zone.range().orElseThrow()))
            .min()
            .orElse(EnergySampler.COUNTER_PERIOD_NANOS);
  }

  /**
   * What a tree offers.
   *
   * @param meter null if nothing in it can be read
   */
  record Found(@Nullable PowercapMeter meter, List<SensorStatus> statuses) {}

  /** Looks through the tree under a root, {@code /sys/class/powercap} on a real machine. */
  static Found discover(Path root, LongSupplier nanoTime) {
    if (!Files.isDirectory(root)) {
      return nothing(
          root + " does not exist; virtual machines and containers mostly have no such sensors");
    }
    List<PowercapZone> all = zones(root);
    List<PowercapZone> candidates =
        all.stream()
            .filter(zone -> zone.isPackage() || zone.isMemory() || zone.isPlatform())
            .toList();
    if (candidates.isEmpty()) {
      return nothing(root + " has no zone of a processor; is the module intel_rapl_msr loaded?");
    }
    List<PowercapZone> readable = candidates.stream().filter(PowercapMeter::usable).toList();
    boolean packages = readable.stream().anyMatch(PowercapZone::isPackage);
    List<PowercapZone> counted =
        readable.stream().filter(zone -> zone.isPlatform() != packages).toList();
    String remedy = remedy(candidates);
    List<SensorStatus> statuses = new ArrayList<>();
    for (PowercapZone zone : candidates) {
      SensorStatus status = status(zone, counted.contains(zone), readable.contains(zone), remedy);
      statuses.add(status);
      remedy = status.remedy() == null ? remedy : null; // said once
    }
    return new Found(counted.isEmpty() ? null : new PowercapMeter(counted, nanoTime), statuses);
  }

  private static Found nothing(String reason) {
    return new Found(null, List.of(SensorStatus.unusable("rapl", reason, null)));
  }

  /** Every zone once, though the tree shows it as a link, in its parent, and by another driver. */
  private static List<PowercapZone> zones(Path root) {
    List<PowercapZone> zones = new ArrayList<>();
    collect(root, null, 0, new HashSet<>(), zones);
    Set<String> labels = new HashSet<>();
    return zones.stream()
        .sorted(Comparator.comparing(zone -> zone.directory().toString().contains("-mmio")))
        .filter(zone -> labels.add(zone.label()))
        .sorted(Comparator.comparing(PowercapZone::label))
        .toList();
  }

  private static void collect(
      Path directory,
      @Nullable String parent,
      int depth,
      Set<String> seen,
      List<PowercapZone> zones) {
    for (Path child : directories(directory)) {
      String id = child.getFileName().toString();
      if (!id.contains("rapl") && !id.contains(":")) {
        continue; // device, subsystem and power lead back into the tree
      }
      PowercapZone zone = PowercapZone.of(child, parentOf(id, parent, directory));
      if (zone != null && seen.add(id)) {
        zones.add(zone);
      }
      if (depth + 1 < DEPTH) {
        collect(child, zone == null ? parent : zone.name(), depth + 1, seen, zones);
      }
    }
  }

  /** A part lies in its package's directory or, by its number, beside it. */
  private static @Nullable String parentOf(String id, @Nullable String parent, Path directory) {
    if (parent != null || id.indexOf(':') == id.lastIndexOf(':')) {
      return parent;
    }
    PowercapZone beside =
        PowercapZone.of(directory.resolve(id.substring(0, id.lastIndexOf(':'))), null);
    return beside == null ? null : beside.name();
  }

  private static List<Path> directories(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.filter(Files::isDirectory).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static boolean usable(PowercapZone zone) {
    return zone.energy().isPresent() && zone.range().isPresent();
  }

  private static @Nullable String remedy(List<PowercapZone> zones) {
    String files =
        zones.stream()
            .map(PowercapZone::energyFile)
            .filter(file -> !Files.isReadable(file))
            .map(Path::toString)
            .collect(Collectors.joining(" "));
    return files.isEmpty() ? null : "allow it until the next start: sudo chmod a+r " + files;
  }

  private static SensorStatus status(
      PowercapZone zone, boolean counted, boolean readable, @Nullable String remedy) {
    String sensor = EnergyMethod.RAPL.label() + " " + zone.label();
    if (counted) {
      return SensorStatus.used(domain(zone));
    }
    if (readable) {
      return SensorStatus.notCounted(
          sensor, "the whole platform; holds the packages, so it is not added to them");
    }
    if (!Files.isReadable(zone.energyFile())) {
      return SensorStatus.unusable(
          sensor, zone.energyFile() + " may be read by root alone on current kernels", remedy);
    }
    return SensorStatus.unusable(sensor, zone.directory() + " holds no counter with a range", null);
  }

  private static EnergyDomain domain(PowercapZone zone) {
    String covers =
        zone.isPackage()
            ? "a whole processor, other processes included"
            : zone.isMemory()
                ? "the memory of a processor, other processes included"
                : "the whole platform, other processes included";
    return new EnergyDomain(zone.device(), zone.label(), EnergyMethod.RAPL, covers);
  }

  @Override
  public List<EnergyDomain> domains() {
    return domains;
  }

  @Override
  public List<EnergyReading> read() {
    List<EnergyReading> readings = new ArrayList<>(zones.size());
    for (int index = 0; index < zones.size(); index++) {
      OptionalLong energy = zones.get(index).energy();
      readings.add(
          energy.isPresent()
              ? counters.get(index).next(energy.getAsLong(), nanoTime.getAsLong())
              : new EnergyReading.Unavailable(DropReason.UNREADABLE));
    }
    return readings;
  }

  /** Well inside the wrap-around of the counter with the smallest range. */
  @Override
  public long periodNanos() {
    return periodNanos;
  }

  /** Holds nothing. */
  @Override
  public void close() {}
}
