package org.ergometer.runtime.cli;

import java.util.function.Consumer;
import org.ergometer.runtime.data.TextSources;
import org.ergometer.runtime.training.TrainingObserver;
import org.ergometer.runtime.training.TrainingStep;

/**
 * Says once if a text was written to after it was encoded. The run goes on with what was encoded,
 * which no longer changes; a run that is resumed reads the text again.
 */
final class DataWatch implements TrainingObserver {

  private final TextSources sources;
  private final int every;
  private final Consumer<String> warn;
  private boolean told;

  DataWatch(TextSources sources, int every, Consumer<String> warn) {
    this.sources = sources;
    this.every = every;
    this.warn = warn;
  }

  @Override
  public void stepDone(TrainingStep step) {
    if (!told && step.number() % every == 0) {
      sources
          .changed()
          .ifPresent(
              change -> {
                told = true;
                warn.accept(
                    change
                        + "; this run goes on with the text as it was, and --resume will want that back");
              });
    }
  }
}
