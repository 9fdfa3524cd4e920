package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

  private long nanos;
  private final Pace pace = new Pace(10, 3, () -> nanos);

  @Test
  void aBurstDoesNotWaitAndTheRestHaveTheirTurnsInBunches() {
    assertThat(pace.turn()).isZero();
    assertThat(pace.turn()).isZero();
    assertThat(pace.turn()).isZero();
    // ten a second, in two bunches
    for (int turn = 0; turn < 5; turn++) {
      assertThat(pace.turn()).isEqualTo(500_000_000L);
    }
    nanos = 200_000_000L;
    for (int turn = 0; turn < 5; turn++) {
      assertThat(pace.turn()).isEqualTo(800_000_000L);
    }
  }

  @Test
  void aPauseAllowsAnotherBurstAndNoMore() {
    for (int turn = 0; turn < 3; turn++) {
      pace.turn();
    }
    nanos = 60_000_000_000L;
    assertThat(pace.turn()).isZero();
    assertThat(pace.turn()).isZero();
    assertThat(pace.turn()).isZero();
    assertThat(pace.turn()).isEqualTo(500_000_000L);
  }

  @Test
  void aTurnThatIsNotDueIsNotTaken() {
    for (int turn = 0; turn < 3; turn++) {
      assertThat(pace.takeIfDue()).isTrue();
    }
    for (int more = 0; more < 100; more++) {
      assertThat(pace.takeIfDue()).isFalse();
    }

    nanos = 100_000_000L;
    assertThat(pace.takeIfDue()).isTrue();
    assertThat(pace.takeIfDue()).isFalse();
  }
}
