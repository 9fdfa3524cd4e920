package org.ergometer.examples.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Serves a contestant to the process that started this one: {@code steps N} on standard input is
 * answered by N lines {@code @step NANOSECONDS LOSS}, {@code memory} by {@code @memory BYTES}.
 */
final class Worker {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR_REFERENCES = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "VmHWM:";

  private Worker() {}

  static void serve(Contestant contestant) throws Exception {
    System.gc();
    resetPeakMemory();
    PrintStream out = System.out;
    out.println("@ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("memory")) {
        out.println("@memory " + peakMemory());
      } else {
        steps(contestant, Integer.parseInt(line.substring("steps ".length())), out);
      }
    }
  }

  private static void steps(Contestant contestant, int count, PrintStream out) throws Exception {
    for (int step = 0; step < count; step++) {
      long start = System.nanoTime();
      double loss = contestant.step();
      long nanos = System.nanoTime() - start;
      out.println(String.format(Locale.ROOT, "@step %d %.9g", nanos, loss));
    }
  }

  /** What loading the data took is not the training's; Linux forgets the peak so far for a 5. */
  private static void resetPeakMemory() {
    try {
      Files.writeString(CLEAR_REFERENCES, "5");
    } catch (IOException e) {
      // Then the peak is that since the start.
      return;
    }
  }

  /** Largest resident memory in bytes; −1 where the system does not tell. */
  private static long peakMemory() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(PEAK)) {
          String kibibytes = line.substring(PEAK.length()).replace("kB", "").trim();
          return Long.parseLong(kibibytes) * 1024;
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return -1;
  }
}
