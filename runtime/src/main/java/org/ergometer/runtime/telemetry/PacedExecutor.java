package org.ergometer.runtime.telemetry;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Begins so many requests a second and the rest later, each on a thread of its own: whoever asks
 * without end waits and costs next to nothing, and whoever sends or takes slowly keeps nobody else
 * waiting.
 *
 * <p>A request waits here before anything of it is read, so that garbage waits too.
 */
final class PacedExecutor implements Executor, AutoCloseable {

  private static final long IDLE_SECONDS = 10;

  /** Enough for what answers; hundreds of slow readers need little memory then. */
  private static final long STACK_BYTES = 512 * 1024;

  private final Pace pace;
  private final int mostWaiting;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ThreadPoolExecutor threads;
  private final ScheduledExecutorService clock;

  /**
   * @param mostThreads what is under way at a time; more is refused
   * @param mostWaiting what may wait for its turn; more is refused
   */
  PacedExecutor(Pace pace, int mostThreads, int mostWaiting) {
    this.pace = pace;
    this.mostWaiting = mostWaiting;
    this.threads =
        new ThreadPoolExecutor(
            0,
            mostThreads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            daemons("metrics"));
    this.clock = Executors.newSingleThreadScheduledExecutor(daemons("metrics-pace"));
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(null, work, name, STACK_BYTES);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Runs a request when it is its turn.
   *
   * @throws RejectedExecutionException if too many wait already
   */
  @Override
  public void execute(Runnable request) {
    if (waiting.get() >= mostWaiting) {
      throw new RejectedExecutionException("too many requests wait");
    }
    long left = pace.turn();
    if (left == 0) {
      threads.execute(request);
    } else {
      waiting.incrementAndGet();
      // Where no thread is left then, the server's own timer closes the connection.
      Future<?> unused = clock.schedule(() -> begin(request), left, TimeUnit.NANOSECONDS);
    }
  }

  private void begin(Runnable request) {
    waiting.decrementAndGet();
    threads.execute(request);
  }

  /** Drops what waits, and interrupts what runs. */
  @Override
  public void close() {
    clock.shutdownNow();
    threads.shutdownNow();
  }
}
