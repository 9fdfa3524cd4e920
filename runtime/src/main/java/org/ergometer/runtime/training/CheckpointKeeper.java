package org.ergometer.runtime.training;

import java.io.IOException;
import java.util.Objects;
import org.ergometer.runtime.checkpoint.TrainingState.Best;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a run is saved: every so many steps, and whenever the loss on held-out text is the
 * lowest so far. A model whose loss is no number is never saved.
 */
public final class CheckpointKeeper implements TrainingObserver {

  private final int every;
  private final Saving saving;
  private @Nullable Best best;
  private int saved;

  /** Saves the run as it is now. */
  @FunctionalInterface
  public interface Saving {

    /**
     * Saves.
     *
     * @param best lowest loss on held-out text so far; null before the first evaluation
     */
    void save(TrainingStep step, @Nullable Best best) throws IOException;
  }

  /**
   * A keeper of a run.
   *
   * @param every steps between checkpoints
   * @param best what processes before this one came to; null if nothing
   */
  public CheckpointKeeper(int every, @Nullable Best best, Saving saving) {
    this.every = every;
    this.best = best;
    this.saving = saving;
  }

  @Override
  public void stepDone(TrainingStep step) throws IOException {
    Best before = best;
    best = lower(before, step);
    if (!Objects.equals(best, before) || step.number() % every == 0) {
      save(step);
    }
  }

  private static @Nullable Best lower(@Nullable Best before, TrainingStep step) {
    Double loss = step.validationLoss();
    if (loss == null || !Double.isFinite(loss)) {
      return before;
    }
    boolean lowest = before == null || loss < before.validationLoss();
    return lowest ? new Best(step.number(), loss) : before;
  }

  /** Saves after the last step of this process, unless that is done. */
  public void finish(TrainingStep last) throws IOException {
    if (last.number() != saved) {
      save(last);
    }
  }

  private void save(TrainingStep step) throws IOException {
    if (Double.isFinite(step.loss())) {
      saving.save(step, best);
      saved = step.number();
    }
  }
}
