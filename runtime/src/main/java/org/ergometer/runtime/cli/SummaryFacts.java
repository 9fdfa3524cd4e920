package org.ergometer.runtime.cli;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalDouble;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.EnergyState;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunBudgets;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.report.EnergyFacts;
import org.ergometer.runtime.report.Recipe;
import org.ergometer.runtime.report.RunEnvironment;
import org.ergometer.runtime.report.RunFacts;
import org.ergometer.runtime.report.RunStatus;
import org.ergometer.runtime.report.RunTime;
import org.ergometer.runtime.training.TrainingTotals;
import org.ergometer.runtime.training.WorkCount;
import org.jspecify.annotations.Nullable;

/** What is known of a run at any moment, earlier processes included, for its summary. */
final class SummaryFacts {

  private final TrainConfig config;
  private final TransformerShape shape;
  private final String runId;
  private final Resumption earlier;
  private final @Nullable Ledger ledger;
  private final @Nullable Peak peak;
  private final @Nullable Double bytesPerSecond;
  private final @Nullable MixedPeak mixedPeak;
  private final RunEnergy energy;
  private final RunBudgets budgets;
  private final TrainingTotals totals;
  private final WorkCount count;
  private final Recipe recipe;
  private final @Nullable Instant started;
  private final ExpectedWork expected;
  private final Map<String, String> environment = RunEnvironment.describe();
  private volatile @Nullable Forecast forecast;
  private volatile @Nullable RunBaseline baseline;
  private volatile long activationBytes;
  private volatile @Nullable Instant ended;

  SummaryFacts(
      TrainConfig config,
      TransformerShape shape,
      String runId,
      Resumption earlier,
      @Nullable Ledger ledger,
      @Nullable Peak peak,
      @Nullable Double bytesPerSecond,
      @Nullable MixedPeak mixedPeak,
      RunEnergy energy,
      RunBudgets budgets,
      TrainingTotals totals,
      WorkCount count,
      Recipe recipe,
      @Nullable Instant started) {
    this.config = config;
    this.shape = shape;
    this.runId = runId;
    this.earlier = earlier;
    this.ledger = ledger;
    this.peak = peak;
    this.bytesPerSecond = bytesPerSecond;
    this.mixedPeak = mixedPeak;
    this.energy = energy;
    this.budgets = budgets;
    this.totals = totals;
    this.count = count;
    this.recipe = recipe;
    this.started = started;
    this.expected = new ExpectedWork(config, shape);
  }

  /** What the run works on. */
  Map<String, String> environment() {
    return environment;
  }

  /** Takes what the whole run is expected to take. */
  void expect(Forecast made) {
    forecast = made;
  }

  /** Takes steps in float32 that are measured beside the run. */
  void compareWith(RunBaseline steps) {
    baseline = steps;
  }

  /** Takes the bytes that a step kept for its backward pass. */
  void kept(long bytes) {
    activationBytes = bytes;
  }

  /** Notes that the run does no more, now. */
  void ended() {
    ended = Instant.now();
  }

  /** Everything, under a status. */
  RunFacts of(RunStatus status) {
    RunBaseline beside = baseline;
    return new RunFacts(
        runId,
        status,
        new RunTime(started, ended, energy.seconds()),
        recipe,
        shape,
        config.model().recompute(),
        config.loop().stepSequences(),
        config.precision().policy(),
        totals,
        ledger == null || !earlier.countedAll() ? null : earlier.ledger().plus(ledger.snapshot()),
        expected.besideTraining(earlier.kept().plus(count.done()), earlier.lost()),
        peak,
        bytesPerSecond,
        mixedPeak,
        energyFacts(),
        beside == null ? null : beside.facts(totals.steps() - earlier.step()),
        activationBytes,
        environment);
  }

  /** Energy, emissions and money, for metrics. */
  EnergyState energyState() {
    EnergySnapshot all = energy.snapshot();
    OptionalDouble joules = energy.joules();
    return new EnergyState(
        all, energy.footprint(all), joules.isPresent() ? joules.getAsDouble() : null, forecast);
  }

  private EnergyFacts energyFacts() {
    return new EnergyFacts(
        energy.ofRun(),
        energy.footprint(),
        energy.tariff(),
        energy.fullLoadWatts(),
        forecast,
        budgets.reason());
  }
}
