package org.ergometer.accounting.energy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Looks at each meter at its fixed rate, on a thread of its own, and divides what they tell among
 * the phases of the work. Nothing that a sensor does reaches the work.
 */
public final class EnergySampler implements AutoCloseable {

  /** Above the 10 Hz that power needs to be integrated well. */
  public static final long POWER_PERIOD_NANOS = 80_000_000L;

  /** Far inside every wrap-around of a counter, and seldom enough to cost next to nothing. */
  public static final long COUNTER_PERIOD_NANOS = 500_000_000L;

  private static final double MICRO = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  private final List<EnergyMeter> meters;
  private final PhaseClock clock;
  private final List<List<EnergyAccount>> accounts = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  private EnergySampler(List<EnergyMeter> meters, PhaseClock clock) {
    this.meters = List.copyOf(meters);
    this.clock = clock;
    long[] spent = clock.spentNanos();
    for (EnergyMeter meter : meters) {
      long period = meter.periodNanos();
      accounts.add(
          meter.domains().stream()
              .map(domain -> new EnergyAccount(domain, period, clock.phases(), spent))
              .toList());
    }
    this.thread = new Thread(this::sampleAgainAndAgain, "energy");
    thread.setDaemon(true);
  }

  /** Looks at the meters now, and from now on at the fixed rate; they are closed with it. */
  public static EnergySampler start(List<EnergyMeter> meters, PhaseClock clock) {
    EnergySampler sampler = byHand(meters, clock);
    if (!meters.isEmpty()) {
      sampler.thread.start();
    }
    return sampler;
  }

  /** Looks at the meters now, and then only when {@link #sample} is called. */
  static EnergySampler byHand(List<EnergyMeter> meters, PhaseClock clock) {
    EnergySampler sampler = new EnergySampler(meters, clock);
    sampler.sample();
    return sampler;
  }

  /** Looks at all meters now, as at the border between what is to be told apart. */
  public synchronized void sample() {
    if (closed) {
      return;
    }
    for (int index = 0; index < meters.size(); index++) {
      sample(index);
    }
  }

  private void sample(int index) {
    List<EnergyAccount> ofMeter = accounts.get(index);
    List<EnergyReading> readings = read(meters.get(index));
    long[] spent = clock.spentNanos();
    for (int domain = 0; domain < ofMeter.size(); domain++) {
      ofMeter.get(domain).add(readings.get(domain), spent);
    }
  }

  /** Everything known now. */
  public synchronized EnergySnapshot snapshot() {
    return new EnergySnapshot(
        accounts.stream().flatMap(List::stream).map(EnergyAccount::snapshot).toList());
  }

  /**
   * Joules over the phases that are wanted, at less expense than a snapshot; empty while unknown.
   */
  public synchronized OptionalDouble joules(Predicate<String> wanted) {
    long sum = 0;
    boolean known = false;
    for (List<EnergyAccount> ofMeter : accounts) {
      for (EnergyAccount account : ofMeter) {
        sum = Math.addExact(sum, account.microjoules(wanted));
        known |= account.known();
      }
    }
    return known ? OptionalDouble.of(sum / MICRO) : OptionalDouble.empty();
  }

  /**
   * Processor time that the sampling thread has used, seconds; empty where the system does not tell
   * or the thread has ended.
   */
  public OptionalDouble cpuSeconds() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    if (!threads.isThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
      return OptionalDouble.empty();
    }
    long nanos = threads.getThreadCpuTime(thread.getId());
    return nanos < 0 ? OptionalDouble.empty() : OptionalDouble.of(nanos / NANOS_PER_SECOND);
  }

  /** Looks a last time, and lets go of the meters; closing again does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      sample();
      closed = true;
      meters.forEach(EnergyMeter::close);
    }
    LockSupport.unpark(thread);
  }

  /** A defect of a meter is a dropped sample too: it must not end the sampling. */
  private static List<EnergyReading> read(EnergyMeter meter) {
    try {
      return meter.read();
    } catch (RuntimeException | LinkageError e) {
      return meter.domains().stream()
          .<EnergyReading>map(domain -> new EnergyReading.Unavailable(DropReason.UNREADABLE))
          .toList();
    }
  }

  private void sampleAgainAndAgain() {
    // from a start of their own: moments of System.nanoTime() are compared by their differences
    long start = System.nanoTime();
    long[] next = meters.stream().mapToLong(EnergyMeter::periodNanos).toArray();
    while (!closed) {
      long now = System.nanoTime() - start;
      long wait = Arrays.stream(next).min().orElseThrow() - now;
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else {
        sampleDue(next, now);
      }
    }
  }

  private synchronized void sampleDue(long[] next, long now) {
    for (int index = 0; !closed && index < next.length; index++) {
      if (next[index] <= now) {
        sample(index);
        // A late sample does not make the following ones come in a burst.
        next[index] = Math.max(next[index] + meters.get(index).periodNanos(), now);
      }
    }
  }
}
