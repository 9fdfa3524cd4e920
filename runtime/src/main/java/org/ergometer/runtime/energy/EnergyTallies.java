package org.ergometer.runtime.energy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.ergometer.accounting.energy.DomainEnergy;
import org.ergometer.accounting.energy.DropReason;
import org.ergometer.accounting.energy.EnergyDomain;
import org.ergometer.accounting.energy.EnergyMethod;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Energy as named whole numbers, the form in which the journal and the checkpoints of a run keep
 * it: microjoules and nanoseconds.
 */
public final class EnergyTallies {

  private static final String ENERGY = "energy";
  private static final String SEPARATOR = "\u001f"; // in no name of a sensor
  private static final String REST = ENERGY + SEPARATOR + "rest_nanos";
  private static final String RUN = ENERGY + SEPARATOR + "run_nanos";
  private static final String REDONE = ENERGY + SEPARATOR + "redone_microjoules";
  private static final int DOMAIN_PARTS = 7;
  private static final double NANO = 1e9;
  private static final double MICRO = 1e6;

  /** Of a domain; {@code NANOS} and {@code COVERED} are of all phases. */
  private enum Field {
    NANOS,
    COVERED_NANOS,
    MICROJOULES,
    DEVIATION_MICROJOULES,
    PHASE_NANOS,
    DROPPED
  }

  private EnergyTallies() {}

  /** The energy in named numbers; all names begin with {@code energy}. */
  public static Map<String, Long> of(EnergyHistory energy) {
    Map<String, Long> tallies = new TreeMap<>();
    tallies.put(REST, energy.restNanos());
    tallies.put(RUN, energy.runNanos());
    tallies.put(REDONE, energy.redoneMicrojoules());
    energy.metered().domains().forEach(domain -> put(tallies, domain));
    return tallies;
  }

  private static void put(Map<String, Long> tallies, DomainEnergy energy) {
    EnergyDomain domain = energy.domain();
    tallies.put(key(domain, Field.NANOS, ""), whole(energy.seconds(), NANO));
    tallies.put(key(domain, Field.COVERED_NANOS, ""), whole(energy.coveredSeconds(), NANO));
    energy
        .microjoulesByPhase()
        .forEach((phase, value) -> tallies.put(key(domain, Field.MICROJOULES, phase), value));
    energy
        .deviationByPhase()
        .forEach(
            (phase, value) ->
                tallies.put(key(domain, Field.DEVIATION_MICROJOULES, phase), whole(value, MICRO)));
    energy
        .secondsByPhase()
        .forEach(
            (phase, value) ->
                tallies.put(key(domain, Field.PHASE_NANOS, phase), whole(value, NANO)));
    energy
        .dropped()
        .forEach((reason, count) -> tallies.put(key(domain, Field.DROPPED, reason.label()), count));
  }

  private static String key(EnergyDomain domain, Field field, String of) {
    return String.join(
        SEPARATOR,
        ENERGY,
        domain.method().label(),
        domain.device(),
        domain.name(),
        domain.covers(),
        field.name(),
        of);
  }

  private static long whole(double value, double unit) {
    return Math.round(value * unit);
  }

  /**
   * The energy that named numbers say; numbers of other names are left aside.
   *
   * @throws InvalidInputException if a name of energy is not one of this version
   */
  public static EnergyHistory read(Map<String, Long> tallies) {
    try {
      return parse(tallies);
    } catch (IllegalArgumentException e) { // of an enumeration
      throw new InvalidInputException(
          "the run's energy has names that this version does not know (%s); go on with the version that wrote it"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static EnergyHistory parse(Map<String, Long> tallies) {
    Map<EnergyDomain, Domain> domains = new LinkedHashMap<>();
    new TreeMap<>(tallies)
        .forEach(
            (name, value) -> {
              String[] parts = name.split(SEPARATOR, -1);
              if (parts.length == DOMAIN_PARTS && parts[0].equals(ENERGY)) {
                EnergyMethod method = EnergyMethod.valueOf(parts[1].toUpperCase(Locale.ROOT));
                domains
                    .computeIfAbsent(
                        new EnergyDomain(parts[2], parts[3], method, parts[4]), key -> new Domain())
                    .add(Field.valueOf(parts[5]), parts[6], value);
              }
            });
    List<DomainEnergy> metered = new ArrayList<>();
    domains.forEach((domain, numbers) -> metered.add(numbers.of(domain)));
    return new EnergyHistory(
        new EnergySnapshot(metered),
        tallies.getOrDefault(REST, 0L),
        tallies.getOrDefault(RUN, 0L),
        tallies.getOrDefault(REDONE, 0L));
  }

  /** The numbers of one domain while they are read. */
  private static final class Domain {

    private double seconds;
    private double coveredSeconds;
    private final Map<String, Long> microjoules = new LinkedHashMap<>();
    private final Map<String, Double> deviations = new LinkedHashMap<>();
    private final Map<String, Double> phaseSeconds = new LinkedHashMap<>();
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);

    void add(Field field, String of, long value) {
      switch (field) {
        case NANOS -> seconds = value / NANO;
        case COVERED_NANOS -> coveredSeconds = value / NANO;
        case MICROJOULES -> microjoules.put(of, value);
        case DEVIATION_MICROJOULES -> deviations.put(of, value / MICRO);
        case PHASE_NANOS -> phaseSeconds.put(of, value / NANO);
        case DROPPED -> dropped.put(DropReason.valueOf(of.toUpperCase(Locale.ROOT)), value);
      }
    }

    DomainEnergy of(EnergyDomain domain) {
      return new DomainEnergy(
          domain, seconds, coveredSeconds, microjoules, deviations, phaseSeconds, dropped);
    }
  }
}
