package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacedExecutorTest {

  private static final long SECONDS_TO_WAIT = 60;

  @Test
  void slowRequestsKeepNobodyWaiting() throws Exception {
    CountDownLatch others = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(2);
    try (PacedExecutor executor = new PacedExecutor(new Pace(10, 2, () -> 0), 3)) {
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
  void whatIsTooEarlyKeepsThatWaitingWhichBringsIt() {
    // a clock that stands still: the second one's turn is always half a second ahead
    try (PacedExecutor executor = new PacedExecutor(new Pace(10, 1, () -> 0), 3)) {
      executor.execute(() -> {});
      long start = System.nanoTime();
      executor.execute(() -> {});

      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(500_000_000L);
    }
  }

  @Test
  void refusesWhatIsMoreThanMayBeUnderWay() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (PacedExecutor executor = new PacedExecutor(new Pace(10, 9, () -> 0), 2)) {
      executor.execute(() -> awaited(end));
      executor.execute(() -> awaited(end));

      assertThatExceptionOfType(RejectedExecutionException.class)
          .isThrownBy(() -> executor.execute(() -> awaited(end)));
      end.countDown();
    }
  }

  @Test
  void whoWaitsIsLetGoWhenItCloses() throws Exception {
    PacedExecutor executor = new PacedExecutor(new Pace(1, 1, () -> 0), 2);
    executor.execute(() -> {});
    CompletableFuture<Void> waits =
        CompletableFuture.runAsync(
            () -> {
              for (int request = 0; request < 1000; request++) { // a quarter of an hour
                executor.execute(() -> {});
              }
            });
    executor.close();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> waits.get(SECONDS_TO_WAIT, TimeUnit.SECONDS))
        .withCauseInstanceOf(RejectedExecutionException.class);
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(SECONDS_TO_WAIT, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts", e);
    }
  }
}
