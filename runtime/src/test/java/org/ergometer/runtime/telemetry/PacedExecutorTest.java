package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacedExecutorTest {

  private static final long SECONDS_TO_WAIT = 60;

  private volatile long nanos;

  /** Ten a second after two at once, and three at a time. */
  private PacedExecutor executor() {
    return new PacedExecutor(new Pace(10, 2, () -> nanos), 3, 3);
  }

  @Test
  void slowRequestsKeepNobodyWaiting() throws Exception {
    CountDownLatch others = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(2);
    try (PacedExecutor executor = executor()) {
      executor.execute(
          () -> {
            awaited(others); // the first ends only when the second has run
            ended.countDown();
          });
      executor.execute(
          () -> {
            others.countDown();
            ended.countDown();
          });

      assertThat(ended.await(SECONDS_TO_WAIT, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whatIsTooFastRunsLaterAndWhatIsTooMuchIsRefused() throws Exception {
    Semaphore ran = new Semaphore(0);
    try (PacedExecutor executor = new PacedExecutor(new Pace(1, 1, () -> nanos), 3, 3)) {
      int refused = 0;
      for (int request = 0; request < 50; request++) {
        refused += accepts(executor, ran::release) ? 0 : 1; // one a second, and three may wait
      }
      assertThat(refused).isPositive();
      assertThat(ran.tryAcquire(2, SECONDS_TO_WAIT, TimeUnit.SECONDS)).isTrue();

      nanos = 60_000_000_000L;
      executor.execute(ran::release);
      assertThat(ran.tryAcquire(1, SECONDS_TO_WAIT, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean accepts(PacedExecutor executor, Runnable request) {
    try {
      executor.execute(request);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(SECONDS_TO_WAIT, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
  }
}
