package org.ergometer.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ergometer.accounting.ledger.LedgerSnapshot;
import org.ergometer.accounting.ledger.WorkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class CheckpointWriterTest {

  private final RunDirectory run;
  private final CheckpointStore store;

  CheckpointWriterTest(@TempDir Path directory) {
    this.run = RunDirectory.create(directory.resolve("run"), LocalDateTime.MIN);
    this.store = new CheckpointStore(run);
  }

  private static Checkpoint checkpoint(int step) {
    TrainingState state =
        new TrainingState(
            TrainingState.SCHEMA,
            step,
            new TrainingState.Totals(0, null, 1, 0, 1, 2.5, null),
            Work.NONE,
            null,
            new TrainingState.Position(1, "data", "tokenizer", 2, 3),
            TrainingState.LogEnd.START,
            null,
            new TrainingState.Recent(List.of(1.0 / 3), List.of(Double.NaN)),
            "layers: 1\n");
    return new Checkpoint(
        state,
        new WorkRecord(1, Map.of(), new LedgerSnapshot(List.of(), 0)),
        new ModelState(
            "{}", Nd4j.createFromArray(1f * step, 2f).reshape(1, 2), null, Nd4j.ones(1, 2)));
  }

  @Test
  void whatWasBegunIsThereInTheEnd() throws IOException {
    try (CheckpointWriter writer = new CheckpointWriter(store)) {
      writer.write(checkpoint(1), 2);
      writer.write(checkpoint(2), 2);
      writer.write(checkpoint(3), 2);
      writer.check();
    }

    Checkpoint newest = store.newest(line -> {}).orElseThrow();
    assertThat(newest.state()).isEqualTo(checkpoint(3).state());
    assertThat(newest.model().parameters().toFloatVector()).containsExactly(3, 2);
    assertThat(Objects.requireNonNull(newest.model().average()).toFloatVector())
        .containsExactly(1, 1);
    assertThat(run.checkpoints().resolve("step-1")).doesNotExist();
    assertThat(run.checkpoints().resolve("step-2")).isDirectory();
  }

  @Test
  void whatFailsIsToldAndTheNextIsTriedAgain() throws IOException {
    Files.writeString(run.checkpoints(), "in the way");
    try (CheckpointWriter writer = new CheckpointWriter(store)) {
      writer.write(checkpoint(1), 2);
      assertThatIOException().isThrownBy(writer::finish).withMessageContaining("checkpoints");

      Files.delete(run.checkpoints());
      writer.write(checkpoint(2), 2);
    }

    assertThat(store.newest(line -> {}).orElseThrow().state().step()).isEqualTo(2);
  }

  @Test
  void whatAKilledProcessBeganGoesAway() throws IOException {
    Path begun = Files.createDirectories(run.checkpoints().resolve("step-7.part"));
    Files.writeString(begun.resolve("model.zip"), "half");

    store.save(checkpoint(8), 1);

    assertThat(begun).doesNotExist();
  }
}
