package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TolerantObserverTest {

  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final List<String> warnings = new ArrayList<>();
  private final List<Integer> seen = new ArrayList<>();
  private long nanos = -5;

  private final TolerantObserver observer =
      new TolerantObserver(
          step -> {
            seen.add(step.number());
            if (step.number() > 1) {
              throw new IOException("No space left on device");
            }
          },
          "log.jsonl",
          warnings::add,
          () -> nanos);

  private void step(int number) {
    observer.stepDone(new TrainingStep(number, 1, 1, 1, true, 1, 1, null, null));
  }

  @Test
  void saysOnceAnHourThatSomethingCannotBeWritten() {
    step(1);
    assertThat(warnings).isEmpty();
    step(2);
    step(3);
    nanos += HOUR_NANOS - 1;
    step(4);

    assertThat(warnings)
        .containsExactly(
            "step 2: log.jsonl cannot be written (No space left on device); training goes on, what was saved before stands");
    nanos++;
    step(5);
    assertThat(warnings).hasSize(2).last().asString().startsWith("step 5:");
    assertThat(seen).as("it is tried at each step").containsExactly(1, 2, 3, 4, 5);
  }
}
