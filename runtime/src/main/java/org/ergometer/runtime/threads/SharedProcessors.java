package org.ergometer.runtime.threads;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Notices when other processes take this one's processors, and has OpenMP's threads sleep instead
 * of spin for as long as they do.
 *
 * <p>Spinning is best while each thread has a processor. Where it has not, a thread spins for the
 * whole turn of one that waits for its processor: a step can take fourteen times as long. Results
 * do not depend on it.
 */
public final class SharedProcessors implements AutoCloseable {

  private static final long POLL_MILLIS = 250;
  private static final double NANOS_PER_SECOND = 1e9;

  /** From which share on processors are shared; below the lower ones they are not. */
  private static final ProcessorUse.Share MUCH = new ProcessorUse.Share(0.3, 0.15);

  private static final ProcessorUse.Share LITTLE = new ProcessorUse.Share(0.2, 0.05);

  private static final Map<String, String> SET = System.getenv();

  /** Polls in a row that find little before threads spin again. */
  private static final int CALM_POLLS = 4;

  private final Supplier<Optional<ProcessorUse>> poll;
  private final Supplier<? extends @Nullable Runnable> shortSpins;
  private final Thread thread = new Thread(this::pollUntilClosed, "processor-use");
  private @Nullable ProcessorUse last;
  private @Nullable Runnable spinLong;
  private int calm;
  private volatile boolean shared;
  private volatile long sharedNanos;
  private volatile boolean closed;

  /**
   * A watch that does not poll by itself.
   *
   * @param shortSpins begins short spins, until what it returns is run; null if it cannot
   */
  SharedProcessors(
      Supplier<Optional<ProcessorUse>> poll, Supplier<? extends @Nullable Runnable> shortSpins) {
    this.poll = poll;
    this.shortSpins = shortSpins;
    this.last = poll.get().orElse(null);
  }

  /**
   * Watches this process, on a thread of its own, until it is closed. How long threads spin stays
   * as it is where the user has set it.
   */
  public static SharedProcessors watch() {
    boolean chosen = Stream.of("GOMP_SPINCOUNT", "OMP_WAIT_POLICY").anyMatch(SET::containsKey);
    SharedProcessors watched =
        new SharedProcessors(
            ProcessorUse::now,
            () -> chosen ? null : OpenMp.loaded().map(OpenMp::shortSpins).orElse(null));
    watched.thread.setDaemon(true);
    watched.thread.start();
    return watched;
  }

  /** Whether other processes take processors that this one could use. */
  public boolean shared() {
    return shared;
  }

  /** How long they did until now. */
  public double sharedSeconds() {
    return sharedNanos / NANOS_PER_SECOND;
  }

  private void pollUntilClosed() {
    try {
      while (!closed) {
        Thread.sleep(POLL_MILLIS);
        poll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks once. */
  synchronized void poll() {
    ProcessorUse now = poll.get().orElse(null);
    ProcessorUse before = last;
    last = now;
    if (closed || now == null || before == null) {
      return;
    }
    ProcessorUse.Share share = now.since(before);
    if (shared) {
      sharedNanos += now.at() - before.at();
      calm = reaches(share, LITTLE) ? 0 : calm + 1;
      if (calm >= CALM_POLLS) {
        shared = false;
        end();
      }
    } else if (reaches(share, MUCH)) {
      shared = true;
      calm = 0;
      spinLong = shortSpins.get();
    }
  }

  private static boolean reaches(ProcessorUse.Share share, ProcessorUse.Share least) {
    return share.othersProcessors() >= least.othersProcessors()
        && share.waitingThreads() >= least.waitingThreads();
  }

  private void end() {
    if (spinLong != null) {
      spinLong.run();
      spinLong = null;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    synchronized (this) {
      end();
    }
  }
}
