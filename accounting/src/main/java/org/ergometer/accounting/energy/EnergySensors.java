package org.ergometer.accounting.energy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The meters of this machine whose energy makes up that of a run, and what was found of all others.
 *
 * @param meters never overlapping; to be closed, which an {@link EnergySampler} does
 * @param statuses every sensor that was looked for
 */
public record EnergySensors(List<EnergyMeter> meters, List<SensorStatus> statuses) {

  /** Where Linux shows the counters of processors. */
  public static final Path POWERCAP = Path.of("/sys/class/powercap");

  private static final Path CPU_FACTS = Path.of("/proc/cpuinfo");
  private static final Path CPU_LOAD = Path.of("/proc/stat");
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  /**
   * What to look for.
   *
   * @param powercapRoot top of the powercap tree
   * @param nvmlLibrary file of NVIDIA's management library; null for the driver's own
   * @param gpus whether GPUs take part in the work
   * @param onlyGpu number of the one that does, as the driver counts; null for all of them
   * @param cpuWatts what the processors draw at full load, where no sensor is; null to look them up
   * @param replay a logger's file instead of all sensors; null for the sensors
   */
  public record Wanted(
      Path powercapRoot,
      @Nullable Path nvmlLibrary,
      boolean gpus,
      @Nullable Integer onlyGpu,
      @Nullable Double cpuWatts,
      @Nullable Path replay) {
    public Wanted {
      if (cpuWatts != null && (!(cpuWatts > 0) || Double.isInfinite(cpuWatts))) {
        throw new InvalidInputException(
            "cpu-watts must be > 0, got %s; set --cpu-watts".formatted(cpuWatts));
      }
    }

    /** Whether a GPU takes part in the work. */
    private boolean counts(NvidiaGpu gpu) {
      return gpus && (onlyGpu == null || onlyGpu == gpu.index());
    }
  }

  public EnergySensors {
    meters = List.copyOf(meters);
    statuses = List.copyOf(statuses);
  }

  /**
   * Looks for sensors.
   *
   * @throws IllegalArgumentException if a logger's file is wanted and is none
   */
  public static EnergySensors discover(Wanted wanted, LongSupplier nanoTime) {
    List<EnergyMeter> meters = new ArrayList<>();
    List<SensorStatus> statuses = new ArrayList<>();
    if (wanted.replay() != null) {
      double unixSeconds =
          System.currentTimeMillis() / MILLIS_PER_SECOND - nanoTime.getAsLong() / NANOS_PER_SECOND;
      ReplayMeter replay = new ReplayMeter(wanted.replay(), nanoTime, unixSeconds);
      replay.domains().forEach(domain -> statuses.add(SensorStatus.used(domain)));
      return new EnergySensors(List.of(replay), statuses);
    }
    PowercapMeter.Found rapl = PowercapMeter.discover(wanted.powercapRoot(), nanoTime);
    statuses.addAll(rapl.statuses());
    if (rapl.meter() != null) {
      meters.add(rapl.meter());
    } else {
      model(wanted.cpuWatts(), nanoTime, meters, statuses);
    }
    addGpus(wanted, nanoTime, meters, statuses);
    return new EnergySensors(meters, statuses);
  }

  /** Whether any of the meters measures; what is left otherwise is an estimate, or nothing. */
  public boolean measured() {
    return meters.stream()
        .flatMap(meter -> meter.domains().stream())
        .anyMatch(domain -> domain.method().measured());
  }

  /**
   * Watts of the processors at full load.
   *
   * @param given what is said of them; null to look up their rated power
   */
  public static OptionalDouble fullLoadWatts(@Nullable Double given) {
    if (given != null) {
      return OptionalDouble.of(given);
    }
    Optional<Processor.RatedPower> rated = Processor.read(CPU_FACTS).ratedPower();
    return rated.isPresent() ? OptionalDouble.of(rated.get().watts()) : OptionalDouble.empty();
  }

  private static void model(
      @Nullable Double watts,
      LongSupplier nanoTime,
      List<EnergyMeter> meters,
      List<SensorStatus> statuses) {
    String sensor = EnergyMethod.POWER_MODEL.label();
    Processor processor = Processor.read(CPU_FACTS);
    Optional<Processor.RatedPower> power =
        watts == null
            ? processor.ratedPower()
            : Optional.of(new Processor.RatedPower(watts, "given"));
    ProcessorLoad load = new ProcessorLoad(CPU_LOAD);
    if (power.isEmpty()) {
      String name = processor.name().isEmpty() ? "this processor" : processor.name();
      statuses.add(
          SensorStatus.unusable(
              sensor, "the watts of " + name + " are unknown", "estimate it with --cpu-watts X"));
    } else if (!load.readable()) {
      statuses.add(SensorStatus.unusable(sensor, CPU_LOAD + " cannot be read", null));
    } else {
      PowerModelMeter model =
          new PowerModelMeter(power.get().watts(), power.get().basis(), load, nanoTime);
      meters.add(model);
      statuses.add(SensorStatus.used(model.domains().get(0)));
    }
  }

  private static void addGpus(
      Wanted wanted, LongSupplier nanoTime, List<EnergyMeter> meters, List<SensorStatus> statuses) {
    Nvml.Opened opened = Nvml.open(wanted.nvmlLibrary());
    if (opened instanceof Nvml.Opened.Absent absent) {
      statuses.add(SensorStatus.unusable("nvml", absent.reason(), null));
    } else if (opened instanceof Nvml.Opened.Ready ready) {
      ready.nvml().gpus().forEach(gpu -> statuses.add(status(gpu, wanted.counts(gpu))));
      NvmlMeter meter = new NvmlMeter(ready.nvml(), wanted::counts, nanoTime);
      if (!meter.domains().isEmpty()) {
        meters.add(meter);
      } else {
        meter.close();
      }
    }
  }

  private static SensorStatus status(NvidiaGpu gpu, boolean counted) {
    if (gpu.energy() == null) {
      return SensorStatus.unusable("nvml " + gpu.label(), String.valueOf(gpu.obstacle()), null);
    }
    EnergyDomain domain = NvmlMeter.domain(gpu);
    return counted
        ? SensorStatus.used(domain)
        : SensorStatus.notCounted(
            domain.method().label() + " " + domain.name(),
            "takes no part in this run; --nvml-library counts it all the same");
  }
}
