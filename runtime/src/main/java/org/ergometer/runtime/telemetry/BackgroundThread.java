package org.ergometer.runtime.telemetry;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.concurrent.CompletableFuture;

/**
 * A thread that leaves the processors to those that train. On Linux it, and every thread that it
 * starts, has the lowest priority there is; it gets its turn within a second all the same.
 * Elsewhere it is a thread like any other.
 *
 * <p>Threads that compute one op together wait for each other: one of them kept from its processor
 * for a moment keeps all of them.
 */
final class BackgroundThread {

  private static final int THE_CALLING_ONE = 0;

  /** Of PRIO_PROCESS, which on Linux is a thread: setpriority(2). */
  private static final int OF_A_PROCESS = 0;

  private static final int LOWEST = 19;

  private BackgroundThread() {}

  /** Runs something on a new thread of this kind, and waits until it is done. */
  static void run(Runnable work) {
    CompletableFuture.runAsync(
            work, task -> new Thread(() -> atLowestPriority(task), "metrics-start").start())
        .join();
  }

  private static void atLowestPriority(Runnable task) {
    if (Platform.isLinux()) {
      try {
        // What it answers tells of failures that there are none of: lowering is always allowed.
        NativeLibrary.getInstance("c")
            .getFunction("setpriority")
            .invokeInt(new Object[] {OF_A_PROCESS, THE_CALLING_ONE, LOWEST});
      } catch (UnsatisfiedLinkError e) {
        // Where the C library is not to be reached, the priority stays as it is.
      }
    }
    task.run();
  }
}
