package org.ergometer.runtime.telemetry;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Begins so many requests a second, each on a thread of its own: whoever sends or takes slowly
 * keeps nobody else waiting.
 *
 * <p>What is too early keeps the thread waiting that hands requests over. That is the one which
 * accepts connections and sees what they send, so that whoever asks without end, or sends garbage,
 * waits too, and nothing is done for those behind, who wait in the system's queues.
 */
final class PacedExecutor implements Executor, AutoCloseable {

  private static final long IDLE_SECONDS = 10;

  /** Enough for what answers; hundreds of slow readers need little memory then. */
  private static final long STACK_BYTES = 512 * 1024;

  private final Pace pace;
  private final ThreadPoolExecutor threads;
  private volatile boolean closed;
  private volatile Thread waiting = Thread.currentThread();

  /**
   * @param mostThreads what is under way at a time; more is refused
   */
  PacedExecutor(Pace pace, int mostThreads) {
    this.pace = pace;
    this.threads =
        new ThreadPoolExecutor(
            0,
            mostThreads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            work -> {
              Thread thread = new Thread(null, work, "metrics", STACK_BYTES);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Waits until it is the request's turn, and begins it.
   *
   * @throws RejectedExecutionException if too many are under way, or this is closed
   */
  @Override
  public void execute(Runnable request) {
    waiting = Thread.currentThread();
    long left = pace.turn();
    long start = System.nanoTime();
    long passed = 0;
    while (passed < left && !closed) {
      LockSupport.parkNanos(this, left - passed);
      passed = System.nanoTime() - start;
    }
    threads.execute(request);
  }

  /** Refuses what waits, and interrupts what runs. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
    LockSupport.unpark(waiting);
  }
}
