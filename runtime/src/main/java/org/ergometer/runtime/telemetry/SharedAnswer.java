package org.ergometer.runtime.telemetry;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One answer for all who ask within a while, so that many readers cost no more than a few.
 *
 * <p>It serves a fifth of a second; where making it takes more than half a millisecond, four
 * hundred times as long, but less than a second at most, so that who asks once a second gets a new
 * one.
 */
final class SharedAnswer {

  private static final long NANOS = 200_000_000L;
  private static final long LONGEST_NANOS = 900_000_000L;
  private static final long TIMES_AS_LONG = 400;

  private final Supplier<Resource.Answer> source;
  private final LongSupplier nanoTime;
  private Resource.@Nullable Answer answer;
  private long made;
  private long nanos;

  SharedAnswer(Supplier<Resource.Answer> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  synchronized Resource.Answer get() {
    Resource.Answer known = answer;
    long now = nanoTime.getAsLong();
    if (known == null || now - made >= nanos) {
      known = source.get();
      long took = nanoTime.getAsLong() - now;
      answer = known;
      made = now;
      nanos = Math.min(LONGEST_NANOS, Math.max(NANOS, took * TIMES_AS_LONG));
    }
    return known;
  }
}
