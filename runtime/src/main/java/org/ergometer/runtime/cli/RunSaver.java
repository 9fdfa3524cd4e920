package org.ergometer.runtime.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.ergometer.accounting.ledger.Ledger;
import org.ergometer.accounting.ledger.LedgerJournal;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.ledger.WorkRecord;
import org.ergometer.accounting.nd4j.Accounting;
import org.ergometer.models.data.TokenBatches;
import org.ergometer.runtime.checkpoint.Checkpoint;
import org.ergometer.runtime.checkpoint.CheckpointStore;
import org.ergometer.runtime.checkpoint.CheckpointWriter;
import org.ergometer.runtime.checkpoint.ModelState;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.Sha256;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.training.StepLog;
import org.ergometer.runtime.training.TrainingStep;
import org.ergometer.runtime.training.TrainingTotals;
import org.ergometer.runtime.training.TransformerTraining;
import org.ergometer.runtime.training.WorkCount;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;

/** Brings a run to the disk between two steps: what it executed, and where it is. */
final class RunSaver implements Closeable {

  private static final LedgerSnapshot NOTHING = new LedgerSnapshot(List.of(), 0);

  private final CheckpointWriter writer;
  private final int keep;
  private final String config;
  private final String data;
  private final String tokenizer;
  private final Resumption earlier;
  private final LedgerJournal journal;
  private final @Nullable Ledger ledger;
  private final WorkCount count;
  private final RunEnergy energy;

  RunSaver(
      RunDirectory directory,
      TrainConfig config,
      TrainingData data,
      Resumption earlier,
      LedgerJournal journal,
      @Nullable Ledger ledger,
      WorkCount count,
      RunEnergy energy) {
    this.writer = new CheckpointWriter(new CheckpointStore(directory));
    this.keep = config.saving().keep();
    this.config = ConfigFile.write(config);
    this.data = data.digest();
    this.tokenizer = Sha256.of(data.tokenizer());
    this.earlier = earlier;
    this.journal = journal;
    this.ledger = ledger;
    this.count = count;
    this.energy = energy;
  }

  /** Notes in the journal what this process has executed until now. */
  void record() throws IOException {
    journal.append(earlier.own(count.done(), counted(), energy.own()));
  }

  /**
   * Begins to save a checkpoint, of a copy of the model. Journal and log come first: whoever goes
   * on from it finds in them all that it stands on.
   */
  void save(
      TrainingStep step,
      TrainingState.@Nullable Best best,
      TransformerTraining model,
      TokenBatches batches,
      TrainingTotals totals,
      StepLog log)
      throws IOException {
    record();
    TrainingState.LogEnd logEnd = log.sync();
    TrainingState.Position position =
        new TrainingState.Position(
            batches.state(),
            data,
            tokenizer,
            Nd4j.getRandom().rootState(),
            Nd4j.getRandom().nodeState());
    TrainingState state =
        new TrainingState(
            TrainingState.SCHEMA,
            step.number(),
            totals.state(),
            earlier.kept().plus(count.done()),
            best,
            position,
            logEnd,
            model.scaling(),
            model.spikes().state(),
            config);
    ModelState copy = Accounting.uncounted(model::state);
    WorkRecord executed = earlier.total(count.done(), counted(), energy.own());
    writer.write(new Checkpoint(state, executed, copy), keep);
  }

  /** Looks whether the checkpoint that was begun last is on the disk, if it has ended. */
  void check() throws IOException {
    writer.check();
  }

  /** Waits until the last checkpoint is on the disk. */
  @Override
  public void close() throws IOException {
    writer.close();
  }

  private LedgerSnapshot counted() {
    return ledger == null ? NOTHING : ledger.snapshot();
  }
}
