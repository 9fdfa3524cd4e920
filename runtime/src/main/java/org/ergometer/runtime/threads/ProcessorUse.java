package org.ergometer.runtime.threads;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What this process and all together had of the processors until a moment, in nanoseconds.
 *
 * @param at time of {@link System#nanoTime}
 * @param waiting that threads of this process were ready and had no processor ({@code schedstat} in
 *     the kernel's Documentation/scheduler/sched-stats)
 * @param own processor time of this process
 * @param all processor time of all processes and of the kernel
 */
record ProcessorUse(long at, long waiting, long own, long all) {

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path STAT = Path.of("/proc/stat");

  /** The unit of {@code /proc/stat}, a hundredth of a second in every build of Linux. */
  private static final long TICK = 10_000_000L;

  private static final int[] BUSY = {1, 2, 3, 6, 7}; // user, nice, system, irq, softirq

  /** How much of the processors others had, and how long this process waited for one. */
  record Share(double othersProcessors, double waitingThreads) {}

  /** Now; empty where the system does not say it, as elsewhere than on Linux. */
  static Optional<ProcessorUse> now() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ProcessorUse(
              System.nanoTime(), waitingOfThreads(), system.getProcessCpuTime(), busy()));
    } catch (IOException
        | UncheckedIOException
        | NumberFormatException
        | ArrayIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  /** Between an earlier moment and this one. */
  Share since(ProcessorUse earlier) {
    double seconds = at - earlier.at;
    return new Share(
        Math.max(0, (all - earlier.all - (own - earlier.own)) / seconds),
        Math.max(0, (waiting - earlier.waiting) / seconds));
  }

  private static long waitingOfThreads() throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        sum += waitingOf(task.resolve("schedstat"));
      }
    }
    return sum;
  }

  /** Of a thread; 0 if it has ended meanwhile. */
  private static long waitingOf(Path schedstat) {
    try {
      return Long.parseLong(Files.readString(schedstat).strip().split(" ", -1)[1]);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long busy() throws IOException {
    String[] words = Files.readString(STAT).lines().findFirst().orElse("").split(" +", -1);
    long ticks = 0;
    for (int field : BUSY) {
      ticks += Long.parseLong(words[field]);
    }
    return ticks * TICK;
  }
}
