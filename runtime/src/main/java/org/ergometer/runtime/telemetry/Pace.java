package org.ergometer.runtime.telemetry;

import java.util.function.LongSupplier;

/**
 * Turns at so many a second. A burst after a pause does not wait; who has to wait waits for others,
 * since what comes at once disturbs what computes on the same machine once.
 */
final class Pace {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Between turns of those who wait. */
  private static final long NANOS_BETWEEN_BUNCHES = NANOS_PER_SECOND / 2;

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

  /** Takes a turn if one is due; else none is taken. */
  synchronized boolean takeIfDue() {
    long now = nanoTime.getAsLong();
    long taken = Math.max(next, now - burstNanos) + interval;
    boolean due = taken <= now;
    next = due ? taken : next;
    return due;
  }

  /** Takes the next turn and gives the nanoseconds until then. */
  synchronized long turn() {
    long now = nanoTime.getAsLong();
    next = Math.max(next, now - burstNanos) + interval;
    return next <= now ? 0 : bunch(next) - now;
  }

  /** The first time of a bunch that is not before another one. */
  private static long bunch(long nanos) {
    return -Math.floorDiv(-nanos, NANOS_BETWEEN_BUNCHES) * NANOS_BETWEEN_BUNCHES;
  }
}
