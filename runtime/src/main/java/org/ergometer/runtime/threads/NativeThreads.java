package org.ergometer.runtime.threads;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * How many threads OpenMP and OpenBLAS start: those of the processors that affinity and a
 * container's quota leave to this process.
 *
 * <p>Each library keeps a pool of threads that spin while they wait; two pools as large as the
 * machine train four times slower than one. Where oneDNN executes the matrix products, OpenMP's
 * pool does all the work; elsewhere each has half.
 */
public final class NativeThreads {

  private static final int MOST = 1024;

  /** Of the C library (POSIX.1). */
  interface Environment extends Library {

    int setenv(String name, String value, int overwrite);
  }

  private NativeThreads() {}

  /**
   * Sets what the user has not set, or not to a number; without effect once the libraries are
   * loaded.
   *
   * @param warning takes a line about a setting that is not used
   */
  public static void apply(Consumer<String> warning) {
    int processors = Runtime.getRuntime().availableProcessors();
    boolean oneDnn = hasOneDnn();
    int half = Math.max(1, processors / 2);
    set("OMP_NUM_THREADS", oneDnn ? processors : half, warning);
    set("OPENBLAS_NUM_THREADS", oneDnn ? 1 : half, warning);
  }

  private static boolean hasOneDnn() {
    String library = "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/libjnidnnl.so";
    return NativeThreads.class.getResource(library) != null;
  }

  private static void set(String name, int threads, Consumer<String> warning) {
    String given = System.getenv(name);
    if (isCount(given)) {
      return;
    }
    if (given != null) {
      warning.accept(
          "%s must be from 1 to %s, got %s; %s is used".formatted(name, MOST, given, threads));
    }
    try {
      Native.load("c", Environment.class).setenv(name, Integer.toString(threads), 1);
    } catch (LinkageError e) {
      // no such function, as on Windows: the libraries take what they find
    }
  }

  /** Whether it is a number of threads, or one for each level of nesting. */
  static boolean isCount(@Nullable String given) {
    if (given == null) {
      return false;
    }
    for (String level : given.split(",", -1)) {
      try {
        int threads = Integer.parseInt(level.strip());
        if (threads < 1 || threads > MOST) {
          return false;
        }
      } catch (NumberFormatException e) {
        return false;
      }
    }
    return true;
  }
}
