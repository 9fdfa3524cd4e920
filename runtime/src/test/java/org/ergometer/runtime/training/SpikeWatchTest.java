package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.junit.jupiter.api.Test;

class SpikeWatchTest {

  /** Losses 1 and 3 in turn: mean 2, standard deviation 1; norms twice as large. */
  private static SpikeWatch after(int steps, double deviations) {
    SpikeWatch watch = new SpikeWatch(deviations, null);
    for (int step = 0; step < steps; step++) {
      assertThat(watch.isSpike(1 + 2 * (step % 2), 2 + 4 * (step % 2))).isFalse();
    }
    return watch;
  }

  @Test
  void aSpikeLiesSoManyDeviationsAboveTheMean() {
    SpikeWatch watch = after(128, 6);

    assertThat(watch.isSpike(8.01, 4)).isTrue();
    assertThat(watch.isSpike(2, 16.01)).isTrue();
    assertThat(watch.isSpike(Double.NaN, 4)).isTrue();
    // what was a spike is not remembered
    assertThat(watch.isSpike(8.01, 4)).isTrue();
    assertThat(watch.isSpike(7.99, 15.99)).isFalse();
    assertThat(watch.isSpike(-100, 0)).isFalse();
  }

  @Test
  void nothingIsOneBeforeThereIsSomethingToCompareWith() {
    assertThat(after(63, 1).isSpike(1000, 1000)).isFalse();
    assertThat(after(64, 1).isSpike(1000, 1000)).isTrue();
    SpikeWatch never = new SpikeWatch(null, null);
    for (int step = 0; step < 200; step++) {
      assertThat(never.isSpike(step == 199 ? 1e9 : 1, 1)).isFalse();
    }
    assertThat(never.state()).isNull();
  }

  @Test
  void goesOnInAnotherProcess() {
    SpikeWatch watch = after(300, 6);
    TrainingState.Recent state = Objects.requireNonNull(watch.state());
    SpikeWatch next = new SpikeWatch(6.0, state);

    assertThat(state.losses()).hasSize(128).startsWith(1.0, 3.0);
    assertThat(next.isSpike(8.01, 4)).isTrue();
    assertThat(next.isSpike(4, 8)).isFalse();
    assertThat(Objects.requireNonNull(next.state()).losses())
        .hasSize(128)
        .startsWith(3.0)
        .endsWith(4.0);
  }
}
