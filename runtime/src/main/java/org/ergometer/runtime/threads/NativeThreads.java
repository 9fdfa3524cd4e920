package org.ergometer.runtime.threads;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.ergometer.accounting.input.InvalidInputException;
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

  private static final String OMP_THREADS = "OMP_NUM_THREADS";
  private static final int MOST = 1024;

  /** Other variables of OpenMP 5.2, chapter 21, as GCC's library takes them, in lower case. */
  static final Map<String, Pattern> SYNTAX =
      Map.of(
          "OMP_SCHEDULE",
          Pattern.compile("((non)?monotonic:)?(static|dynamic|guided|auto)( *, *[1-9][0-9]{0,8})?"),
          "OMP_DYNAMIC",
          Pattern.compile("true|false"),
          "OMP_NESTED",
          Pattern.compile("true|false"),
          "OMP_THREAD_LIMIT",
          Pattern.compile("[1-9][0-9]{0,8}"),
          "OMP_MAX_ACTIVE_LEVELS",
          Pattern.compile("[0-9]{1,3}"),
          "OMP_STACKSIZE",
          Pattern.compile("[1-9][0-9]{0,8} *[kmg]|[1-9][0-9]{1,8}|[1-9][0-9]{4,8} *b"),
          "OMP_WAIT_POLICY",
          Pattern.compile("active|passive"),
          "OMP_PROC_BIND",
          Pattern.compile(
              "true|false|(master|primary|close|spread)( *, *(master|primary|close|spread))*"));

  /** Of the C library (POSIX.1). */
  interface Environment extends Library {

    int setenv(String name, String value, int overwrite);

    int unsetenv(String name);
  }

  private NativeThreads() {}

  /**
   * Sets what the user has not set, or not to a number; without effect once the libraries are
   * loaded.
   *
   * @param warning takes a line about a setting that is not used
   * @throws InvalidInputException if ND4J, which reads one of them itself, cannot
   */
  public static void apply(Consumer<String> warning) {
    String given = System.getenv(OMP_THREADS);
    if (given != null && number(given).isEmpty()) {
      throw new InvalidInputException(
          "%s must be one whole number, got \"%s\", with which ND4J does not start; set it to one or unset it"
              .formatted(OMP_THREADS, given));
    }
    int processors = Runtime.getRuntime().availableProcessors();
    boolean oneDnn = hasOneDnn();
    int half = Math.max(1, processors / 2);
    set(OMP_THREADS, oneDnn ? processors : half, warning);
    set("OPENBLAS_NUM_THREADS", oneDnn ? 1 : half, warning);
    SYNTAX.forEach((name, syntax) -> requireSyntax(name, syntax, warning));
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

  /** OpenMP's library would tell it in words of its own, and then do without. */
  private static void requireSyntax(String name, Pattern syntax, Consumer<String> warning) {
    String given = System.getenv(name);
    if (given != null && !isWritten(syntax, given)) {
      warning.accept("%s is not used, since OpenMP knows no %s; unset it".formatted(name, given));
      unset(name);
    }
  }

  static boolean isWritten(Pattern syntax, String given) {
    return syntax.matcher(given.strip().toLowerCase(Locale.ROOT)).matches();
  }

  private static void unset(String name) {
    try {
      Native.load("c", Environment.class).unsetenv(name);
    } catch (LinkageError e) {
      // as above
    }
  }

  /** Whether it is a number of threads. */
  static boolean isCount(@Nullable String given) {
    OptionalInt threads = number(given);
    return threads.isPresent() && threads.getAsInt() >= 1 && threads.getAsInt() <= MOST;
  }

  private static OptionalInt number(@Nullable String given) {
    try {
      return given == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(given));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
