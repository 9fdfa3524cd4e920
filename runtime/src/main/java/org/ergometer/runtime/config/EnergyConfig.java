package org.ergometer.runtime.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * How the energy of a run is metered, what it costs, and how much of it may be spent.
 *
 * @param enabled whether it is metered at all
 * @param idleSeconds rest to be metered before training; null for some where a sensor is
 */
public record EnergyConfig(
    boolean enabled,
    SensorConfig sensors,
    @Nullable Double idleSeconds,
    TariffConfig tariff,
    BudgetConfig budget) {

  private static final double LONGEST_REST_SECONDS = 3600;

  /**
   * Where sensors are looked for.
   *
   * @param powercapRoot top of Linux' powercap tree
   * @param nvmlLibrary file of NVIDIA's management library; null for the driver's own
   * @param replay a logger's file instead of sensors; null for the sensors
   * @param cpuWatts power of the processors at full load; null to look it up where it is needed
   */
  public record SensorConfig(
      Path powercapRoot,
      @Nullable Path nvmlLibrary,
      @Nullable Path replay,
      @Nullable Double cpuWatts) {

    static SensorConfig of(Settings settings) {
      Path root = settings.path(Setting.POWERCAP_ROOT);
      if (root != null && !root.equals(EnergySensors.POWERCAP) && !Files.isDirectory(root)) {
        throw wrongPath(Setting.POWERCAP_ROOT, "a directory", root);
      }
      return new SensorConfig(
          root == null ? EnergySensors.POWERCAP : root,
          file(settings, Setting.NVML_LIBRARY),
          file(settings, Setting.ENERGY_REPLAY),
          settings.isSet(Setting.CPU_WATTS) ? settings.real(Setting.CPU_WATTS) : null);
    }

    /**
     * What to look for.
     *
     * @param gpu number of the GPU that does the work, as the driver counts; null where none does:
     *     then all of a named library count
     */
    public EnergySensors.Wanted wanted(@Nullable Integer gpu) {
      return new EnergySensors.Wanted(
          powercapRoot, nvmlLibrary, gpu != null || nvmlLibrary != null, gpu, cpuWatts, replay);
    }

    private static @Nullable Path file(Settings settings, Setting setting) {
      Path file = settings.path(setting);
      if (file != null && !Files.isRegularFile(file)) {
        throw wrongPath(setting, "a file", file);
      }
      return file;
    }

    private static IllegalArgumentException wrongPath(Setting setting, String rule, Path path) {
      return new InvalidInputException(
          "%s must be %s that exists, got %s; set --%s"
              .formatted(setting.key(), rule, path, setting.key()));
    }
  }

  public EnergyConfig {
    sensors.wanted(null); // tells impossible watts
    if (idleSeconds != null && !(idleSeconds >= 0 && idleSeconds <= LONGEST_REST_SECONDS)) {
      throw new InvalidInputException(
          "idle-seconds must be between 0 and 3600, got %s; set --idle-seconds"
              .formatted(idleSeconds));
    }
  }

  static EnergyConfig of(Settings settings) {
    return new EnergyConfig(
        settings.on(Setting.ENERGY),
        SensorConfig.of(settings),
        settings.isSet(Setting.IDLE_SECONDS) ? settings.real(Setting.IDLE_SECONDS) : null,
        TariffConfig.of(settings),
        BudgetConfig.of(settings));
  }

  void putInto(Map<String, Object> values) {
    values.put(Setting.ENERGY.key(), enabled);
    values.put(Setting.POWERCAP_ROOT.key(), sensors.powercapRoot().toString());
    put(values, Setting.NVML_LIBRARY, text(sensors.nvmlLibrary()));
    put(values, Setting.ENERGY_REPLAY, text(sensors.replay()));
    put(values, Setting.CPU_WATTS, sensors.cpuWatts());
    put(values, Setting.IDLE_SECONDS, idleSeconds);
    tariff.putInto(values);
    budget.putInto(values);
  }

  private static void put(Map<String, Object> values, Setting setting, @Nullable Object value) {
    if (value != null) {
      values.put(setting.key(), value);
    }
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }
}
