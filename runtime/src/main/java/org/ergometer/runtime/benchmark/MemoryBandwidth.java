package org.ergometer.runtime.benchmark;

import java.util.stream.IntStream;

/**
 * Bandwidth of main memory as STREAM counts it (McCalpin 1995): each array that is read or written
 * once, without what a cache reads before it is written. Plain Java loops on all cores, the best of
 * several.
 *
 * @param copy bytes per second of a = b
 * @param triad bytes per second of a = b + s · c
 */
public record MemoryBandwidth(double copy, double triad) {

  /** Floats of one array, 64 MiB: beyond the caches of most machines. */
  private static final int LENGTH = 1 << 24;

  private static final int REPEATS = 12;

  /** Measures; takes about a second and 192 MiB. */
  public static MemoryBandwidth measure(int threads) {
    return measure(threads, LENGTH, REPEATS);
  }

  static MemoryBandwidth measure(int threads, int length, int repeats) {
    float[] a = new float[length];
    float[] b = new float[length];
    float[] c = new float[length];
    double arrayBytes = (double) length * Float.BYTES;
    double copy =
        2 * arrayBytes / best(threads, length, repeats, (from, to) -> copy(a, b, from, to));
    double triad =
        3 * arrayBytes / best(threads, length, repeats, (from, to) -> triad(a, b, c, from, to));
    return new MemoryBandwidth(copy, triad);
  }

  private interface Part {
    void run(int from, int to);
  }

  private static double best(int threads, int length, int repeats, Part part) {
    double best = Double.POSITIVE_INFINITY;
    for (int repeat = 0; repeat < repeats; repeat++) {
      long start = System.nanoTime();
      IntStream.range(0, threads)
          .parallel()
          .forEach(
              thread ->
                  part.run(
                      (int) ((long) length * thread / threads),
                      (int) ((long) length * (thread + 1) / threads)));
      best = Math.min(best, Math.max(1, System.nanoTime() - start) * 1e-9);
    }
    return best;
  }

  private static void copy(float[] a, float[] b, int from, int to) {
    System.arraycopy(b, from, a, from, to - from);
  }

  private static void triad(float[] a, float[] b, float[] c, int from, int to) {
    for (int index = from; index < to; index++) {
      a[index] = b[index] + 3f * c[index];
    }
  }
}
