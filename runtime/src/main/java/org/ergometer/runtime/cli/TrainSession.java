package org.ergometer.runtime.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerJournal;
import org.ergometer.accounting.metrics.TrainingProgress;
import org.ergometer.accounting.utilization.MixedPeak;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.TokenWork;
import org.ergometer.accounting.utilization.Utilization;
import org.ergometer.models.data.EvaluationSet;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.models.transformer.Transformer;
import org.ergometer.runtime.acceleration.KernelFailureException;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.Divergence;
import org.ergometer.runtime.config.LoopConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunBudgets;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.energy.RunForecast;
import org.ergometer.runtime.report.EnergyText;
import org.ergometer.runtime.report.ModelWork;
import org.ergometer.runtime.report.RunOrigin;
import org.ergometer.runtime.report.RunStatus;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.report.SummaryFile;
import org.ergometer.runtime.telemetry.LiveRun;
import org.ergometer.runtime.telemetry.LoggedSteps;
import org.ergometer.runtime.telemetry.MetricsTextfile;
import org.ergometer.runtime.telemetry.PhaseTimer;
import org.ergometer.runtime.telemetry.ProgressFeed;
import org.ergometer.runtime.telemetry.RunHistory;
import org.ergometer.runtime.telemetry.UtilizationFeed;
import org.ergometer.runtime.threads.SharedProcessors;
import org.ergometer.runtime.training.CheckpointKeeper;
import org.ergometer.runtime.training.EarlyStopping;
import org.ergometer.runtime.training.JournalKeeper;
import org.ergometer.runtime.training.LossScaling;
import org.ergometer.runtime.training.SampleLog;
import org.ergometer.runtime.training.StepLog;
import org.ergometer.runtime.training.StrictAccounting;
import org.ergometer.runtime.training.TextSample;
import org.ergometer.runtime.training.TextSampler;
import org.ergometer.runtime.training.TolerantObserver;
import org.ergometer.runtime.training.Trainer;
import org.ergometer.runtime.training.TrainingException;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;
import org.ergometer.runtime.training.TrainingTotals;
import org.ergometer.runtime.training.TransformerReader;
import org.ergometer.runtime.training.TransformerTraining;
import org.ergometer.runtime.training.WorkCount;
import org.jspecify.annotations.Nullable;

/** The part of a run in which the model works: trains, saves, writes a sample, sums up. */
final class TrainSession {

  private static final double LEAST_SHARED_SECONDS = 1;
  private static final String TEXTFILE = "metrics-textfile";

  private final TrainConfig config;
  private final TrainingData data;
  private final RunDirectory directory;
  private final Resumption earlier;
  private final @Nullable Ledger ledger;
  private final TrainingProgress progress;
  private final LiveRun live;
  private final @Nullable MetricsTextfile textfile;
  private final @Nullable Peak peak;
  private final RunEnergy energy;
  private final RunBudgets budgets;
  private final PrintWriter err;
  private final SharedProcessors processors = SharedProcessors.watch();
  private final TrainingTotals totals = new TrainingTotals();
  private final WorkCount count;
  private final ExpectedWork expected;
  private final FinalWrites finals;
  private final SummaryFacts facts;
  private @Nullable TrainingStep last;

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
      Resumption earlier,
      @Nullable Ledger ledger,
      TrainingProgress progress,
      LiveRun live,
      @Nullable MetricsTextfile textfile,
      @Nullable Peak peak,
      @Nullable Double bytesPerSecond,
      @Nullable MixedPeak mixedPeak,
      RunEnergy energy,
      RunOrigin origin,
      PrintWriter err) {
    this.config = config;
    this.data = data;
    this.directory = directory;
    this.earlier = earlier;
    this.ledger = ledger;
    this.progress = progress;
    this.live = live;
    this.textfile = textfile;
    this.peak = peak;
    this.energy = energy;
    this.err = err;
    this.budgets = new RunBudgets(config.energy().budget(), energy, this::countedFlops);
    LoopConfig loop = config.loop();
    this.expected = new ExpectedWork(config, data.shape());
    this.finals = new FinalWrites(this::warn);
    this.count =
        new WorkCount(
            data.shape().context(),
            loop.evaluationWindows(data.shape().context()),
            loop.accumulate(),
            // a scaled loss's gradient is scaled anyway, and clipped by the same factor
            config.precision().policy().lossScaled() ? 0 : config.optimizer().clip());
    this.facts =
        new SummaryFacts(
            config,
            data.shape(),
            directory.runId(),
            earlier,
            ledger,
            peak,
            bytesPerSecond,
            mixedPeak,
            energy,
            budgets,
            totals,
            count,
            RunRecipe.of(config, data, origin),
            origin.started());
    progress.energy(facts::energyState);
    progress.device(facts.environment());
    if (earlier.checkpoint() != null) {
      totals.continueFrom(earlier.step(), earlier.checkpoint().state().totals());
      budgets.check(earlier.step());
    }
  }

  Result run(StopSignal stop) throws IOException {
    SummaryFile summary =
        new SummaryFile(directory.summary(), facts::of, this::show, System::nanoTime);
    try (SharedProcessors watched = processors;
        LedgerJournal journal = earlier.openJournal(directory);
        TransformerTraining model = model()) {
      RunSaver saver =
          new RunSaver(directory, config, data, earlier, journal, ledger, count, energy);
      SampleWriter samples = samples(model);
      RunStatus status = loop(model, saver, summary, samples, stop);
      String text = "";
      if (status == RunStatus.COMPLETED) {
        TextSample sample = samples.last(totals.steps());
        finals.attempt("sample.txt", () -> samples.keep(sample));
        text = sample.text();
      }
      energy.close(); // so that journal, summary and metrics end with the same joules
      finals.attempt("ledger.journal", saver::record);
      String stoppedBy = status == RunStatus.INTERRUPTED ? budgets.reason() : null;
      return new Result(ended(summary, status), status, text, stoppedBy, unwritten());
    } catch (TrainingException | KernelFailureException e) {
      return failed(summary, CommandException.of(ExitCode.FAILED, e));
    } catch (StrictAccounting.LimitException e) {
      return failed(summary, CommandException.of(ExitCode.LIMIT, e));
    } catch (UncheckedIOException e) {
      return failed(summary, CommandException.of(ExitCode.FAILED, e));
    } catch (RuntimeException | IOException e) {
      ended(summary, RunStatus.FAILED);
      throw e;
    }
  }

  private @Nullable CommandException unwritten() {
    List<String> failed = finals.failed();
    if (failed.isEmpty()) {
      return null;
    }
    String line =
        failed.equals(List.of(TEXTFILE))
            ? "run %s is whole in %s, but its metrics-textfile is not up to date; make room for it"
            : "the end of run %s is not on the disk; make room, then go on with --resume --run %s";
    return new CommandException(
        ExitCode.FAILED, line.formatted(directory.runId(), directory.root()), null);
  }

  private TransformerTraining model() {
    TransformerTraining model =
        earlier.checkpoint() == null
            ? TransformerTraining.create(
                data.shape(),
                config.model().recompute(),
                config.optimizer(),
                config.loop(),
                this::start)
            : TransformerTraining.restore(
                data.shape(),
                config.model().recompute(),
                config.optimizer(),
                config.loop(),
                earlier.checkpoint());
    model.precision(
        config.precision().policy(),
        LossScaling.of(
            config.precision(),
            earlier.checkpoint() == null ? null : earlier.checkpoint().state().scaling()));
    return model;
  }

  /** Sets the parameters that training begins with, where they are not drawn. */
  private void start(ComputationGraph model) {
    Path from = config.model().from();
    if (from != null) {
      StartingModel.copy(from, model);
    }
  }

  private Result failed(SummaryFile summary, CommandException failure) {
    return new Result(ended(summary, RunStatus.FAILED), RunStatus.FAILED, "", null, failure);
  }

  private RunSummary ended(SummaryFile summary, RunStatus status) {
    energy.close();
    facts.ended();
    RunSummary made = summary.make(status);
    finals.attempt("summary.json", () -> summary.write(made));
    progress.ended(status.label());
    live.is(status.label(), config.loop().steps());
    if (textfile != null) {
      finals.attempt(TEXTFILE, textfile::write);
    }
    return made;
  }

  private RunStatus loop(
      TransformerTraining model,
      RunSaver saver,
      SummaryFile summary,
      SampleWriter samples,
      StopSignal stop)
      throws IOException {
    LoopConfig loop = config.loop();
    int context = data.shape().context();
    EvaluationSet heldOut =
        new EvaluationSet(
            data.split().validation(),
            loop.evaluationWindows(context),
            loop.evaluationBatch(context),
            context);
    TokenBatches batches =
        new TokenBatches(
            data.split().training(), loop.batch(), context, config.data().order(), loop.seed());
    Trainer trainer = trainer(model, batches, heldOut);
    EarlyStopping patience =
        new EarlyStopping(loop.patience(), loop.evalEvery(), earlier.step(), earlier.best());
    BooleanSupplier ends = () -> stop.requested() || budgets.spent() || patience.exhausted();
    ProgressLine line = line();
    StepLog log = log();
    try (RunBaseline baseline = baseline(model);
        Closeable logEnd = () -> finals.attempt("log.jsonl", log::close);
        Closeable lastSaved = () -> finals.attempt("the checkpoint", saver::close);
        PhaseTimer phases = new PhaseTimer(progress, System::nanoTime)) {
      line.shared(processors::shared);
      CheckpointKeeper checkpoints = checkpoints(saver, model, batches, log);
      List<TrainingObserver> observers = new ArrayList<>();
      observers.addAll(
          List.of(totals, count, line, feed(heldOut), phases, budgets, forecast(line), this::done));
      observers.add(step -> facts.kept(Transformer.keptBytes(model.graph())));
      addWriters(observers, log, samples, summary);
      addWatches(observers, line);
      addSaving(observers, saver, checkpoints);
      if (baseline != null) {
        observers.add(baseline.steps());
      }
      observers.add(patience);
      boolean done = run(trainer, ends, observers, checkpoints);
      if (patience.exhausted()) {
        line.end();
        warn(patience.reason());
      }
      tellNeighbours(line);
      return done || patience.exhausted() ? RunStatus.COMPLETED : RunStatus.INTERRUPTED;
    } finally {
      line.end();
    }
  }

  /** So that nobody takes a slow run for a slow machine. */
  private void tellNeighbours(ProgressLine line) {
    if (processors.sharedSeconds() >= LEAST_SHARED_SECONDS) {
      line.end();
      warn(
          String.format(
              Locale.ROOT,
              "other processes took processors for %.0f s; steps were slower then",
              processors.sharedSeconds()));
    }
  }

  private Trainer trainer(TransformerTraining model, TokenBatches batches, EvaluationSet heldOut) {
    LoopConfig loop = config.loop();
    Trainer trainer =
        new Trainer(
            model,
            batches,
            loop.accumulate(),
            heldOut,
            loop.divergence() == Divergence.SKIP,
            this::countedFlops,
            System::nanoTime);
    if (earlier.checkpoint() != null) {
      batches.restore(earlier.checkpoint().state().position().batches());
      trainer.continueAfter(earlier.step());
    }
    return trainer;
  }

  private @Nullable RunBaseline baseline(TransformerTraining model) {
    if (config.precision().baselineSteps() == 0) {
      return null;
    }
    RunBaseline steps = new RunBaseline(config, data, earlier.step(), model, energy);
    facts.compareWith(steps);
    return steps;
  }

  private ProgressLine line() {
    return new ProgressLine(
        err,
        Terminal.rewritesLines(),
        Terminal.columns(),
        config.loop().steps(),
        totals::skipped,
        energy.power()::watts,
        System::nanoTime);
  }

  /** What is written as training goes on, and may fail to be. */
  private void addWriters(
      List<TrainingObserver> observers, StepLog log, SampleWriter samples, SummaryFile summary)
      throws IOException {
    observers.add(tolerant(log, "log.jsonl"));
    observers.add(history());
    if (textfile != null) {
      observers.add(tolerant(textfile, TEXTFILE));
    }
    observers.add(tolerant(samples, "samples.jsonl"));
    observers.add(tolerant(summary, "summary.json"));
  }

  private void addWatches(List<TrainingObserver> observers, ProgressLine line) {
    if (peak != null) {
      TokenWork work = ModelWork.ofTraining(data.shape(), config.model().recompute());
      observers.add(new UtilizationFeed(progress, peak, work));
      line.utilization(speed -> Utilization.of(speed, work, 1, peak).mfu());
    }
    if (ledger != null && config.accounting().strict()) {
      observers.add(new StrictAccounting(ledger::snapshot));
    }
  }

  private void addSaving(
      List<TrainingObserver> observers, RunSaver saver, CheckpointKeeper checkpoints) {
    JournalKeeper journal = new JournalKeeper(saver::record, System::nanoTime);
    observers.add(tolerant(journal, "ledger.journal"));
    observers.add(tolerant(step -> saver.check(), "the checkpoint"));
    observers.add(tolerant(checkpoints, "the checkpoint"));
    observers.add(new DataWatch(data.sources(), config.saving().every(), this::warn));
  }

  /**
   * Trains, and saves where that ended. Where it diverged, the update that would have spoilt the
   * parameters was not made.
   */
  private boolean run(
      Trainer trainer,
      BooleanSupplier ends,
      List<TrainingObserver> observers,
      CheckpointKeeper checkpoints)
      throws IOException {
    boolean done;
    try {
      done = trainer.run(config.loop().steps(), config.loop().evalEvery(), ends, observers);
    } catch (TrainingException e) {
      finish(checkpoints);
      throw e;
    }
    finish(checkpoints);
    return done;
  }

  private void finish(CheckpointKeeper checkpoints) {
    TrainingStep step = last;
    if (step != null) {
      finals.attempt("the checkpoint", () -> checkpoints.finish(step));
    }
  }

  /** Of the whole run, earlier processes included. */
  private @Nullable BigInteger countedFlops() {
    return ledger == null ? null : earlier.ledger().flops().add(ledger.flops());
  }

  private RunForecast forecast(ProgressLine line) {
    LoopConfig loop = config.loop();
    double stepFlops = expected.step().flops().doubleValue();
    return new RunForecast(
        earlier.step(),
        loop.steps(),
        loop.evalEvery(),
        expected.evaluation().flops().doubleValue() / stepFlops,
        energy,
        this::countedFlops,
        made -> {
          facts.expect(made);
          line.end();
          err.println("ergometer: " + EnergyText.of(made));
          err.flush();
        });
  }

  private CheckpointKeeper checkpoints(
      RunSaver saver, TransformerTraining model, TokenBatches batches, StepLog log) {
    return new CheckpointKeeper(
        config.saving().every(),
        earlier.best(),
        (step, lowest) -> {
          try (RunEnergy.Saving saving = energy.saving()) {
            saver.save(step, lowest, model, batches, totals, log);
          }
        });
  }

  private StepLog log() throws IOException {
    return earlier.checkpoint() == null
        ? new StepLog(directory.log(), energy::ownJoules, System::nanoTime)
        : StepLog.resume(
            directory.log(),
            earlier.checkpoint().state().log(),
            this::warn,
            energy::ownJoules,
            System::nanoTime);
  }

  /** What the page shows; a run that goes on has a past. */
  private RunHistory history() throws IOException {
    LoopConfig loop = config.loop();
    RunHistory history = live.history();
    if (earlier.checkpoint() != null) {
      double tokens = (double) loop.stepSequences() * data.shape().context();
      LoggedSteps.read(directory.log(), tokens, history);
    }
    history.meter(energy::ownJoules, System::nanoTime);
    progress.status(LiveRun.RUNNING);
    live.is(LiveRun.RUNNING, loop.steps());
    return history;
  }

  private void show(RunSummary made) {
    progress.reconciled(made.flopsByCause());
    live.summary(made.outline());
  }

  private void done(TrainingStep step) {
    last = step;
  }

  private TolerantObserver tolerant(TrainingObserver observer, String written) {
    return new TolerantObserver(observer, written, this::warn, System::nanoTime);
  }

  private void warn(String line) {
    err.println("ergometer: " + line);
    err.flush();
  }

  private ProgressFeed feed(EvaluationSet heldOut) {
    LoopConfig loop = config.loop();
    return new ProgressFeed(progress, loop.steps(), heldOut.tokens(), expected.step());
  }

  private SampleWriter samples(TransformerTraining model) throws IOException {
    return new SampleWriter(
        new TextSampler(new TransformerReader(model.graph()), data.tokenizer()),
        config.loop().seed(),
        config.loop().steps(),
        directory,
        new SampleLog(directory.samples(), earlier.step()),
        count,
        live);
  }
}
