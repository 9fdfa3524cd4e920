package org.ergometer.accounting.energy;

import java.util.List;
import java.util.function.LongSupplier;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Time that work spent in each of its phases: switched by the thread that works, read by another.
 */
public final class PhaseClock {

  private final List<String> phases;
  private final LongSupplier nanoTime;
  private final long[] spent;
  private int current;
  private long since;

  /** A clock that is in the first of its phases now. */
  public PhaseClock(List<String> phases, LongSupplier nanoTime) {
    this.phases = List.copyOf(phases);
    this.nanoTime = nanoTime;
    this.spent = new long[phases.size()];
    this.since = nanoTime.getAsLong();
  }

  /** Names of the phases. */
  public List<String> phases() {
    return phases;
  }

  /**
   * The work is in another phase from now on.
   *
   * @throws IllegalArgumentException if there is no such phase
   */
  public synchronized void switchTo(String phase) {
    int next = phases.indexOf(phase);
    if (next < 0) {
      throw new InvalidInputException("phase must be one of %s, got %s".formatted(phases, phase));
    }
    settle();
    current = next;
  }

  /** The phase that the work is in. */
  public synchronized String phase() {
    return phases.get(current);
  }

  /** Nanoseconds in each phase until now, in the order of {@link #phases()}. */
  synchronized long[] spentNanos() {
    settle();
    return spent.clone();
  }

  private void settle() {
    long now = nanoTime.getAsLong();
    spent[current] += now - since;
    since = now;
  }
}
