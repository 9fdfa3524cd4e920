package org.ergometer.runtime.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Times training steps next to processes that are always busy, and without them, in turn. */
public final class NeighbourBenchmark {

  private static final int ROUNDS = 3;

  /**
   * At the begin of a turn, steps that are not counted for so long: neighbours start, threads
   * adapt.
   */
  private static final double SETTLING_SECONDS = 2;

  /** Loops while the process with its first argument lives. */
  private static final String LOOP =
      "while kill -0 $0 2>/dev/null; do i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; done";

  private final Runnable step;
  private final List<Double> quiet = new ArrayList<>();
  private final List<Double> busy = new ArrayList<>();

  /**
   * What was measured.
   *
   * @param neighbours busy processes
   * @param quiet seconds of a step without them
   * @param busy seconds of a step next to them
   */
  public record Result(int neighbours, Quartiles quiet, Quartiles busy) {

    /** Of the medians. */
    public double ratio() {
      return busy.median() / quiet.median();
    }
  }

  private NeighbourBenchmark(Runnable step) {
    this.step = step;
  }

  /** Measures for about so many seconds, and the time that neighbours need to start. */
  public static Result measure(Runnable step, int neighbours, double seconds) {
    NeighbourBenchmark benchmark = new NeighbourBenchmark(step);
    for (int round = 0; round < ROUNDS; round++) {
      benchmark.turn(0, seconds / (2 * ROUNDS), benchmark.quiet);
      benchmark.turn(neighbours, seconds / (2 * ROUNDS), benchmark.busy);
    }
    return new Result(neighbours, quartiles(benchmark.quiet), quartiles(benchmark.busy));
  }

  private void turn(int neighbours, double seconds, List<Double> times) {
    List<Process> processes = new ArrayList<>();
    try {
      for (int neighbour = 0; neighbour < neighbours; neighbour++) {
        processes.add(start());
      }
      time(SETTLING_SECONDS, new ArrayList<>());
      time(seconds, times);
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private static Process start() {
    String self = Long.toString(ProcessHandle.current().pid());
    try {
      return new ProcessBuilder("sh", "-c", LOOP, self).start();
    } catch (IOException e) {
      throw new UncheckedIOException("neighbours need the command sh", e);
    }
  }

  private void time(double seconds, List<Double> times) {
    long begin = System.nanoTime();
    do {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) * 1e-9);
    } while ((System.nanoTime() - begin) * 1e-9 < seconds);
  }

  private static Quartiles quartiles(List<Double> times) {
    return Quartiles.of(times.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
