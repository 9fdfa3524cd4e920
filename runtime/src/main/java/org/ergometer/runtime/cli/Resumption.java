package org.ergometer.runtime.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.LedgerJournal;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.ledger.WorkRecord;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.checkpoint.Checkpoint;
import org.ergometer.runtime.checkpoint.CheckpointStore;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.Sha256;
import org.ergometer.runtime.checkpoint.TokenizerFile;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.checkpoint.Work;
import org.ergometer.runtime.config.ConfigDifference;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.EnergyHistory;
import org.ergometer.runtime.energy.EnergyTallies;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.training.UpdateRules;
import org.jspecify.annotations.Nullable;

/**
 * What the processes before this one left of a run.
 *
 * @param process number of this process, from 1
 * @param checkpoint to go on from; null to begin at the first step
 * @param executed all work of those processes, also what has to be done again
 * @param ledger what they counted of it
 * @param energy what they drew for it
 * @param journalBytes until where their journal is whole; 0 if it has to be written anew
 */
record Resumption(
    int process,
    @Nullable Checkpoint checkpoint,
    Work executed,
    LedgerSnapshot ledger,
    EnergyHistory energy,
    long journalBytes) {

  private static final LedgerSnapshot NOTHING = new LedgerSnapshot(List.of(), 0);

  /** Of a run that begins. */
  static final Resumption NEW = new Resumption(1, null, Work.NONE, NOTHING, EnergyHistory.NONE, 0);

  /**
   * Reads what is there.
   *
   * @param warn is told in a line of what is damaged
   * @throws IllegalArgumentException if configuration or data are others than those it began with
   */
  static Resumption of(
      RunDirectory directory,
      TrainConfig config,
      TrainingData data,
      ResumeMode mode,
      Consumer<String> warn)
      throws IOException {
    if (mode == ResumeMode.NEW) {
      return NEW;
    }
    Checkpoint checkpoint = new CheckpointStore(directory).newest(warn).orElse(null);
    if (checkpoint != null) {
      requireSameTokenizer(checkpoint.state(), data);
      if (mode == ResumeMode.SAME) {
        requireSame(directory, checkpoint.state(), config, data);
      }
      requireSameShape(checkpoint, data);
      tellOfOptimizer(checkpoint, config, data.shape(), warn);
    }
    requireTokenizerFile(directory, data, checkpoint != null, warn);
    return counted(directory, checkpoint, warn);
  }

  private static void requireSame(
      RunDirectory directory, TrainingState state, TrainConfig config, TrainingData data) {
    List<String> differences = ConfigDifference.between(state.config(), config);
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "run %s was begun otherwise: %s; leave that as it was, or use --resume-with-changes"
              .formatted(directory.root(), String.join("; ", differences)));
    }
    if (!state.position().data().equals(data.digest())) {
      throw new InvalidInputException(
          "the text is not the one that run %s was begun with (%s); restore it, or use --resume-with-changes"
              .formatted(directory.root(), data.source()));
    }
  }

  private static void requireSameShape(Checkpoint checkpoint, TrainingData data) {
    long saved = checkpoint.model().parameters().length();
    if (saved != data.shape().parameters()) {
      throw new InvalidInputException(
          "the checkpoint's model has %s parameters, the configuration's %s; leave the model's options as they were"
              .formatted(saved, data.shape().parameters()));
    }
  }

  private static void tellOfOptimizer(
      Checkpoint checkpoint, TrainConfig config, TransformerShape shape, Consumer<String> warn) {
    if (!checkpoint.model().hasStates(UpdateRules.of(config.optimizer()).allStates(shape))) {
      warn.accept(
          "the checkpoint's optimizer was another than %s; the state of that begins anew"
              .formatted(config.optimizer().kind().name().toLowerCase(Locale.ROOT)));
    }
  }

  /** The numbers of tokens mean what the tokenizer says: with another the model knows nothing. */
  private static void requireSameTokenizer(TrainingState state, TrainingData data) {
    if (!state.position().tokenizer().equals(Sha256.of(data.tokenizer()))) {
      throw new InvalidInputException(
          "the tokenizer is not the one of the checkpoint at step %s (a %s one of %s); restore text and tokenizer, or start another run"
              .formatted(state.step(), data.tokenizer().name(), data.source()));
    }
  }

  private static void requireTokenizerFile(
      RunDirectory directory, TrainingData data, boolean known, Consumer<String> warn)
      throws IOException {
    Path file = directory.tokenizer();
    if (!holds(file, data.tokenizer())) {
      TokenizerFile.write(file, data.tokenizer());
      if (known) {
        warn.accept("tokenizer.json was damaged or gone; written again from the text");
      }
    }
  }

  private static boolean holds(Path file, Tokenizer tokenizer) {
    try {
      return Sha256.of(TokenizerFile.read(file)).equals(Sha256.of(tokenizer));
    } catch (InvalidInputException e) {
      return false;
    }
  }

  private static Resumption counted(
      RunDirectory directory, @Nullable Checkpoint checkpoint, Consumer<String> warn) {
    LedgerJournal.Contents journal = journal(directory);
    int process = 1;
    Work executed = Work.NONE;
    LedgerSnapshot ledger = NOTHING;
    EnergyHistory energy = EnergyHistory.NONE;
    for (WorkRecord record : journal.records()) {
      process = Math.max(process, record.process());
      executed = executed.plus(Work.of(record.tallies()));
      ledger = ledger.plus(record.ledger());
      energy = energy.plus(EnergyTallies.read(record.tallies()));
    }
    EnergyHistory savedEnergy = EnergyHistory.NONE;
    boolean lost = executed.steps() > 0;
    if (checkpoint != null) {
      Work saved = Work.of(checkpoint.executed().tallies());
      savedEnergy = EnergyTallies.read(checkpoint.executed().tallies());
      process = Math.max(process, checkpoint.executed().process());
      lost = executed.steps() > checkpoint.state().work().steps();
      if (saved.steps() > executed.steps()) {
        warn.accept(
            "ledger.journal is damaged or gone; totals go on from those of the checkpoint at step "
                + checkpoint.state().step());
        return new Resumption(
            process + 1, checkpoint, saved, checkpoint.executed().ledger(), savedEnergy, 0);
      }
    }
    if (journal.damaged()) {
      warn.accept("ledger.journal is damaged; totals go on from the records in it that are whole");
    }
    return new Resumption(
        process + 1,
        checkpoint,
        executed,
        ledger,
        energy.goingOnFrom(savedEnergy, lost),
        journal.bytes());
  }

  private static LedgerJournal.Contents journal(RunDirectory directory) {
    try {
      return LedgerJournal.read(directory.journal());
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s cannot be read (%s); resume with the version that wrote it, or check its permissions"
              .formatted(directory.journal(), FileProblem.of(e)),
          e);
    }
  }

  /** Steps that need not be done again. */
  int step() {
    return checkpoint == null ? 0 : checkpoint.state().step();
  }

  /** Tokens that the parameters learned from until then. */
  long trainedTokens() {
    return checkpoint == null ? 0 : checkpoint.state().totals().tokens();
  }

  /** Steps until then that updated nothing. */
  int skippedSteps() {
    return checkpoint == null ? 0 : checkpoint.state().totals().skipped();
  }

  /** The lowest loss on held-out text until then; null if there is none. */
  TrainingState.@Nullable Best best() {
    return checkpoint == null ? null : checkpoint.state().best();
  }

  /** Work that need not be done again. */
  Work kept() {
    return checkpoint == null ? Work.NONE : checkpoint.state().work();
  }

  /** Work that was done and is lost. */
  Work lost() {
    return executed.minus(kept());
  }

  /** Opens the journal for this process. */
  LedgerJournal openJournal(RunDirectory directory) throws IOException {
    LedgerJournal journal = LedgerJournal.append(directory.journal(), journalBytes);
    if (journalBytes == 0 && executed.steps() > 0) {
      journal.append(new WorkRecord(process - 1, tallies(executed, energy), ledger));
    }
    return journal;
  }

  /** All that was executed, by this process too. */
  WorkRecord total(Work done, LedgerSnapshot counted, EnergyHistory drawn) {
    return new WorkRecord(
        process, tallies(executed.plus(done), energy.plus(drawn)), ledger.plus(counted));
  }

  /** What this process executed. */
  WorkRecord own(Work done, LedgerSnapshot counted, EnergyHistory drawn) {
    return new WorkRecord(process, tallies(done, drawn), counted);
  }

  private static Map<String, Long> tallies(Work work, EnergyHistory energy) {
    Map<String, Long> tallies = new HashMap<>(work.tallies());
    tallies.putAll(EnergyTallies.of(energy));
    return tallies;
  }

  /** Whether a ledger of this process and those before tells all FLOPs of the run. */
  boolean countedAll() {
    Map<String, Long> nothing = Work.NONE.tallies();
    return executed.tallies().equals(nothing) || !ledger.entries().isEmpty();
  }
}
