package org.ergometer.runtime.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedProcessorsTest {

  private static final long SECOND = 1_000_000_000L;

  private ProcessorUse use = new ProcessorUse(0, 0, 0, 0);
  private int teams;
  private int begun;

  private final SharedProcessors processors =
      new SharedProcessors(
          () -> Optional.of(use),
          () -> {
            teams++;
            begun++;
            return () -> teams--;
          });

  /** A second in which this process had processors, others had some, and threads waited. */
  private void second(double own, double others, double waiting) {
    use =
        new ProcessorUse(
            use.at() + SECOND,
            use.waiting() + Math.round(waiting * SECOND),
            use.own() + Math.round(own * SECOND),
            use.all() + Math.round((own + others) * SECOND));
    processors.poll();
  }

  @Test
  void threadsSleepSoonOnceAnotherProcessIsBusyAndSpinAgainWhenItIsOver() {
    second(2, 0, 0.01);
    assertThat(processors.shared()).isFalse();

    second(1.33, 0.67, 1);
    assertThat(processors.shared()).isTrue();
    assertThat(teams).isEqualTo(1);

    for (int calm = 0; calm < 3; calm++) {
      second(1.6, 0, 0.01);
    }
    second(1.3, 0.7, 0.5);
    assertThat(teams).as("it was calm for 3 polls only").isEqualTo(1);

    for (int calm = 0; calm < 4; calm++) {
      second(1.6, 0, 0.01);
    }
    assertThat(processors.shared()).isFalse();
    assertThat(teams).isZero();
    assertThat(begun).isEqualTo(1);
    assertThat(processors.sharedSeconds()).isEqualTo(8);
  }

  @Test
  void processesOnProcessorsOfTheirOwnAreNoNeighbours() {
    second(2, 14, 0.02);

    assertThat(processors.shared()).isFalse();
  }

  @Test
  void threadsOfThisProcessThatWaitForEachOtherAreNoNeighbours() {
    second(2, 0.05, 0.9);

    assertThat(processors.shared()).isFalse();
  }

  @Test
  void closingEndsShortSpins() {
    second(1.33, 0.67, 1);

    processors.close();
    assertThat(teams).isZero();
    second(1.33, 0.67, 1);
    assertThat(teams).isZero();
  }

  @Test
  void linuxSaysWhatThisProcessHad() {
    Optional<ProcessorUse> now = ProcessorUse.now();
    assumeTrue(now.isPresent(), "only Linux says how long threads waited");

    ProcessorUse before = now.orElseThrow();
    ProcessorUse after = ProcessorUse.now().orElseThrow();
    assertThat(after.own()).isGreaterThanOrEqualTo(before.own()).isPositive();
    assertThat(after.all()).isGreaterThanOrEqualTo(before.all()).isPositive();
  }

  @Test
  void aShareIsPerSecond() {
    ProcessorUse begin = new ProcessorUse(0, 0, 0, 0);
    ProcessorUse end = new ProcessorUse(SECOND / 2, SECOND / 4, SECOND / 2, SECOND);

    ProcessorUse.Share share = end.since(begin);
    assertThat(share.othersProcessors()).isCloseTo(1, within(1e-12));
    assertThat(share.waitingThreads()).isCloseTo(0.5, within(1e-12));
  }
}
