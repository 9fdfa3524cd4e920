package org.ergometer.runtime.telemetry;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets through so many a second and the rest later, so that whoever asks without end costs the
 * training next to nothing. A burst after a pause does not wait.
 */
final class Pace {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long interval;
  private final long burstNanos;
  private final LongSupplier nanoTime;
  private long next;

  Pace(int perSecond, int burst, LongSupplier nanoTime) {
    this.interval = NANOS_PER_SECOND / perSecond;
    this.burstNanos = interval * burst;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong() - burstNanos;
  }

  /** Waits for its turn. */
  void await() {
    long left = turn();
    while (left > 0) {
      long start = nanoTime.getAsLong();
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      left -= nanoTime.getAsLong() - start;
    }
  }

  /** Takes the next turn and gives the nanoseconds until then. */
  synchronized long turn() {
    long now = nanoTime.getAsLong();
    next = Math.max(next, now - burstNanos) + interval;
    return Math.max(0, next - now);
  }
}
