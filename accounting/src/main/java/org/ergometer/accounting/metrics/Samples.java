package org.ergometer.accounting.metrics;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.ergometer.accounting.ledger.LedgerEntry;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.metrics.TrainingProgress.Outcome;
import org.ergometer.accounting.metrics.TrainingProgress.Split;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.precision.PrecisionSavings;

/**
 * All samples of one scrape, from one ledger snapshot and one state of the run; here, and nowhere
 * before, exact integers become doubles.
 */
final class Samples {

  private static final String READ = "read";
  private static final String WRITE = "write";

  private final List<Sample> samples = new ArrayList<>();

  private Samples() {}

  static List<Sample> of(
      LedgerSnapshot ledger, double overheadSeconds, TrainingProgress.State run) {
    Samples samples = new Samples();
    samples.addLedger(ledger);
    samples.add(Metric.ACCOUNTING_OVERHEAD, overheadSeconds);
    samples.addRun(run, ledger.flops());
    return samples.samples;
  }

  private void addLedger(LedgerSnapshot ledger) {
    addSums(
        Metric.FLOPS,
        ledger,
        (entry, phase) -> List.of(phase, entry.opClass().label(), entry.type().label()),
        LedgerEntry::flops);
    addSums(
        Metric.LAYER_FLOPS,
        ledger,
        (entry, phase) -> List.of(entry.layer(), phase),
        LedgerEntry::flops);
    addSums(
        Metric.MEMORY_TRAFFIC,
        ledger,
        (entry, phase) -> List.of(phase, entry.type().label(), READ),
        LedgerEntry::bytesRead);
    addSums(
        Metric.MEMORY_TRAFFIC,
        ledger,
        (entry, phase) -> List.of(phase, entry.type().label(), WRITE),
        LedgerEntry::bytesWritten);
    addSums(
        Metric.UNACCOUNTED_OPS,
        ledger.where(entry -> entry.opClass() == OpClass.UNACCOUNTED),
        (entry, phase) -> List.of(entry.op()),
        entry -> BigInteger.valueOf(entry.executions()));
    add(Metric.ACCOUNTING_ERRORS, (double) ledger.accountingErrors());
    PrecisionSavings.of(ledger)
        .savedByPhase()
        .forEach((phase, bytes) -> add(Metric.PRECISION_SAVED, bytes.doubleValue(), phase.label()));
  }

  /**
   * One sample for each combination of label values whose sum is not 0, and from then on one for
   * the same in each of the later phases.
   *
   * @param labels values of an entry's labels in a phase
   */
  private void addSums(
      Metric metric,
      LedgerSnapshot ledger,
      BiFunction<LedgerEntry, String, List<String>> labels,
      Function<LedgerEntry, BigInteger> amount) {
    Map<List<String>, BigInteger> sums = new LinkedHashMap<>();
    for (LedgerEntry entry : ledger.entries()) {
      if (amount.apply(entry).signum() > 0) {
        sums.merge(
            labels.apply(entry, entry.phase().label()), amount.apply(entry), BigInteger::add);
        for (Phase phase : laterThan(entry.phase())) {
          sums.putIfAbsent(labels.apply(entry, phase.label()), BigInteger.ZERO);
        }
      }
    }
    sums.forEach((values, sum) -> samples.add(Sample.of(metric, sum.doubleValue(), values)));
  }

  /**
   * Phases that do what passes do, but after the first steps. Shown before, their counters begin at
   * 0; a rate would miss all that is in the first value of one that appears.
   */
  private static Set<Phase> laterThan(Phase phase) {
    return phase == Phase.FORWARD || phase == Phase.BACKWARD
        ? Set.of(Phase.EVALUATION, Phase.OTHER)
        : Set.of();
  }

  private void addRun(TrainingProgress.State run, BigInteger flops) {
    addCounts(run);
    for (Split split : Split.values()) {
      Double loss = run.losses().get(split);
      if (loss != null) {
        add(Metric.LOSS, loss, split.label());
      }
    }
    run.predictedFlops()
        .forEach((phase, count) -> add(Metric.PREDICTED_FLOPS, count.doubleValue(), phase.label()));
    run.learningRate().ifPresent(value -> add(Metric.LEARNING_RATE, value));
    run.lossScale().ifPresent(value -> add(Metric.LOSS_SCALE, value));
    run.gradientNorm().ifPresent(value -> add(Metric.GRADIENT_NORM, value));
    run.ratio().ifPresent(value -> add(Metric.PROGRESS, value));
    run.remainingSeconds().ifPresent(value -> add(Metric.ESTIMATED_REMAINING, value));
    addUtilization(run);
    run.energy().ifPresent(energy -> samples.addAll(EnergySamples.of(energy)));
    run.status().ifPresent(status -> add(Metric.RUN_STATUS, 1.0, status));
    run.earlier().ifPresent(earlier -> addTotals(earlier, run, flops));
    run.reconciliation()
        .forEach((cause, beyond) -> add(Metric.RECONCILIATION, beyond.doubleValue(), cause));
    addInfo(Metric.RUN_INFO, run.identity());
    addInfo(Metric.DEVICE_INFO, run.device());
  }

  private void addTotals(
      TrainingProgress.Earlier earlier, TrainingProgress.State run, BigInteger flops) {
    add(Metric.RUN_FLOPS, earlier.flops().add(flops).doubleValue());
    long tokens = earlier.trainingTokens() + run.tokens().getOrDefault(Split.TRAIN, 0L);
    add(Metric.RUN_TOKENS, (double) tokens);
    long skipped = earlier.skippedSteps() + run.steps().getOrDefault(Outcome.SKIPPED, 0L);
    add(Metric.RUN_SKIPPED_STEPS, (double) skipped);
  }

  /** Counts begin at 0 and not at their first value, which a rate would miss. */
  private void addCounts(TrainingProgress.State run) {
    for (Split split : Split.values()) {
      add(Metric.TOKENS, (double) run.tokens().getOrDefault(split, 0L), split.label());
    }
    for (Outcome outcome : Outcome.values()) {
      add(Metric.STEPS, (double) run.steps().getOrDefault(outcome, 0L), outcome.label());
    }
    add(Metric.SKIPPED_STEPS, (double) run.steps().getOrDefault(Outcome.SKIPPED, 0L));
  }

  private void addInfo(Metric metric, Map<String, String> identity) {
    if (!identity.isEmpty()) {
      samples.add(Sample.info(metric, identity));
    }
  }

  private void addUtilization(TrainingProgress.State run) {
    run.peak()
        .ifPresent(
            peak ->
                add(
                    Metric.PEAK_FLOPS,
                    peak.flopsPerSecond(),
                    peak.type() == null ? "" : peak.type().label(),
                    peak.origin().label()));
    run.utilization()
        .ifPresent(
            utilization -> {
              add(Metric.MODEL_FLOPS_UTILIZATION, utilization.mfu());
              add(Metric.HARDWARE_FLOPS_UTILIZATION, utilization.hfu());
            });
  }

  private void add(Metric metric, double value, String... labels) {
    samples.add(Sample.of(metric, value, List.of(labels)));
  }
}
