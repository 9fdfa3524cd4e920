package org.ergometer.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.ergometer.accounting.energy.EnergySnapshot;
import org.ergometer.accounting.energy.Forecast;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.metrics.EnergyState;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.Recompute;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.accounting.reconcile.Cause;
import org.ergometer.accounting.reconcile.Explanation;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.TokenWork;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.runtime.checkpoint.ModelFile;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunBudgets;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.energy.RunForecast;
import org.ergometer.runtime.report.EnergyFacts;
import org.ergometer.runtime.report.EnergyText;
import org.ergometer.runtime.report.ModelWork;
import org.ergometer.runtime.report.RunEnvironment;
import org.ergometer.runtime.report.RunFacts;
import org.ergometer.runtime.report.RunStatus;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.report.SummaryFile;
import org.ergometer.runtime.telemetry.PhaseTimer;
import org.ergometer.runtime.telemetry.ProgressFeed;
import org.ergometer.runtime.telemetry.UtilizationFeed;
import org.ergometer.runtime.training.StepLog;
import org.ergometer.runtime.training.StrictAccounting;
import org.ergometer.runtime.training.TextSampler;
import org.ergometer.runtime.training.Trainer;
import org.ergometer.runtime.training.TrainingException;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingTotals;
import org.ergometer.runtime.training.TransformerPredictor;
import org.ergometer.runtime.training.TransformerTraining;
import org.jspecify.annotations.Nullable;

/** The part of a run in which the model works: trains, saves, writes a sample, sums up. */
final class TrainSession {

  private static final int SAMPLE_TOKENS = 256;
  private static final double SAMPLE_TEMPERATURE = 0.8;

  private final TrainConfig config;
  private final TrainingData data;
  private final RunDirectory directory;
  private final @Nullable Ledger ledger;
  private final TrainingProgress progress;
  private final @Nullable Peak peak;
  private final RunEnergy energy;
  private final RunBudgets budgets;
  private final PrintWriter err;
  private final TrainingTotals totals = new TrainingTotals();
  private final Map<String, String> environment = RunEnvironment.describe();
  private volatile @Nullable Forecast forecast;
  private int sampled;

  /**
   * What came of a run.
   *
   * @param sample text that the model wrote; empty unless all steps were done
   * @param stoppedBy the budget that is spent, in words; null if none is
   * @param failure why it failed; null if it did not
   */
  record Result(
      RunSummary summary,
      RunStatus status,
      String sample,
      @Nullable String stoppedBy,
      @Nullable CommandException failure) {}

  TrainSession(
      TrainConfig config,
      TrainingData data,
      RunDirectory directory,
      @Nullable Ledger ledger,
      TrainingProgress progress,
      @Nullable Peak peak,
      RunEnergy energy,
      PrintWriter err) {
    this.config = config;
    this.data = data;
    this.directory = directory;
    this.ledger = ledger;
    this.progress = progress;
    this.peak = peak;
    this.energy = energy;
    this.err = err;
    this.budgets = new RunBudgets(config.energy().budget(), energy, this::countedFlops);
    progress.energy(this::energyState);
  }

  Result run(StopSignal stop) throws IOException {
    SummaryFile summary = new SummaryFile(directory.summary(), this::facts, System::nanoTime);
    try (TransformerTraining model =
        TransformerTraining.create(data.shape(), config.optimizer(), config.loop())) {
      RunStatus status = loop(model, summary, stop);
      try (RunEnergy.Saving saving = energy.saving()) {
        ModelFile.write(directory.lastModel(), model.graph());
      }
      String sample = status == RunStatus.COMPLETED ? sample(model) : "";
      String stoppedBy = status == RunStatus.INTERRUPTED ? budgets.reason() : null;
      return new Result(summary.write(status), status, sample, stoppedBy, null);
    } catch (TrainingException e) {
      return failed(summary, CommandException.of(ExitCode.FAILED, e));
    } catch (StrictAccounting.LimitException e) {
      return failed(summary, CommandException.of(ExitCode.LIMIT, e));
    } catch (RuntimeException | IOException e) {
      summary.write(RunStatus.FAILED);
      throw e;
    }
  }

  private Result failed(SummaryFile summary, CommandException failure) throws IOException {
    return new Result(summary.write(RunStatus.FAILED), RunStatus.FAILED, "", null, failure);
  }

  private RunStatus loop(TransformerTraining model, SummaryFile summary, StopSignal stop)
      throws IOException {
    LoopConfig loop = config.loop();
    int context = data.shape().context();
    EvaluationSet heldOut =
        new EvaluationSet(data.split().validation(), loop.evalBatches(), loop.batch(), context);
    Trainer trainer =
        new Trainer(
            model,
            new TokenBatches(data.split().training(), loop.batch(), context, loop.seed()),
            heldOut,
            this::countedFlops,
            System::nanoTime);
    ProgressLine line =
        new ProgressLine(err, Terminal.rewritesLines(), loop.steps(), System::nanoTime);
    try (StepLog log = new StepLog(directory.log(), System::nanoTime);
        PhaseTimer phases = new PhaseTimer(progress, System::nanoTime)) {
      List<TrainingObserver> observers =
          new ArrayList<>(
              List.of(totals, log, line, feed(heldOut), phases, budgets, forecast(line), summary));
      if (peak != null) {
        TokenWork work = ModelWork.ofTraining(data.shape(), Recompute.NONE);
        observers.add(new UtilizationFeed(progress, peak, work));
      }
      if (ledger != null && config.accounting().strict()) {
        observers.add(new StrictAccounting(ledger::snapshot));
      }
      boolean done =
          trainer.run(
              loop.steps(), loop.evalEvery(), () -> stop.requested() || budgets.spent(), observers);
      return done ? RunStatus.COMPLETED : RunStatus.INTERRUPTED;
    } finally {
      line.end();
    }
  }

  private @Nullable BigInteger countedFlops() {
    return ledger == null ? null : ledger.flops();
  }

  private RunForecast forecast(ProgressLine line) {
    LoopConfig loop = config.loop();
    double stepFlops =
        MatrixProducts.trainingStep(data.shape(), loop.batch(), data.shape().context())
            .flops()
            .doubleValue();
    return new RunForecast(
        loop.steps(),
        loop.evalEvery(),
        evaluation().flops().doubleValue() / stepFlops,
        energy,
        made -> {
          forecast = made;
          line.end();
          err.println("ergometer: " + EnergyText.of(made));
          err.flush();
        });
  }

  private EnergyState energyState() {
    EnergySnapshot all = energy.snapshot();
    OptionalDouble joules = all.joules(RunEnergy::isOfRun);
    return new EnergyState(
        all, energy.footprint(all), joules.isPresent() ? joules.getAsDouble() : null, forecast);
  }

  private EnergyFacts energyFacts() {
    return new EnergyFacts(
        energy.snapshot(),
        energy.restSeconds(),
        energy.footprint(),
        energy.tariff(),
        energy.fullLoadWatts(),
        forecast,
        budgets.reason());
  }

  private ProgressFeed feed(EvaluationSet heldOut) {
    LoopConfig loop = config.loop();
    TransformerShape shape = data.shape();
    return new ProgressFeed(
        progress,
        loop.steps(),
        heldOut.tokens(),
        MatrixProducts.trainingStep(shape, loop.batch(), shape.context()),
        evaluation());
  }

  private String sample(TransformerTraining model) throws IOException {
    TransformerPredictor predictor = new TransformerPredictor(model.graph());
    TextSampler sampler = new TextSampler(predictor, data.tokenizer(), data.shape().context());
    String text =
        sampler.write("", SAMPLE_TOKENS, SAMPLE_TEMPERATURE, config.loop().seed(), piece -> {});
    sampled = SAMPLE_TOKENS;
    RunDirectory.write(directory.sample(), text + "\n");
    return text;
  }

  private RunFacts facts(RunStatus status) {
    TransformerShape shape = data.shape();
    List<Explanation> besideTraining =
        List.of(
            new Explanation.Predicted(Cause.EVALUATION, evaluation().times(totals.evaluations())),
            new Explanation.Predicted(
                Cause.SAMPLING,
                MatrixProducts.forwardPass(shape, 1, shape.context(), Phase.OTHER).times(sampled)));
    return new RunFacts(
        directory.runId(),
        status,
        shape,
        config.loop().batch(),
        totals,
        ledger == null ? null : ledger.snapshot(),
        besideTraining,
        peak,
        energyFacts(),
        environment);
  }

  /** Matrix products of one pass over the evaluation set. */
  private MatrixProducts evaluation() {
    LoopConfig loop = config.loop();
    return MatrixProducts.forwardPass(
            data.shape(), loop.batch(), data.shape().context(), Phase.EVALUATION)
        .times(loop.evalBatches());
  }
}
