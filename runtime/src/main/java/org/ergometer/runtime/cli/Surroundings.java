package org.ergometer.runtime.cli;

import java.io.IOException;
import java.util.Locale;
import org.ergometer.runtime.storage.FileProblem;
import org.jspecify.annotations.Nullable;

/**
 * What the machine or its settings do not give to this process, told by the error that it makes.
 */
final class Surroundings {

  /** Whose classes fail to start where their libraries do not load. */
  private static final String NATIVE = "class org.nd4j.";

  private static final String NO_THREAD = "unable to create native thread";

  private Surroundings() {}

  /** What is lacking, and what mends it; null where the error has another reason. */
  static @Nullable String lacking(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String lacking = ofOne(cause);
      if (lacking != null) {
        return lacking;
      }
    }
    return null;
  }

  private static @Nullable String ofOne(Throwable cause) {
    if (cause instanceof OutOfMemoryError) {
      return String.valueOf(cause.getMessage()).contains(NO_THREAD)
          ? "no thread can be started; allow more processes: ulimit -u, or the container's limit"
          : memory();
    }
    if (cause instanceof UnsatisfiedLinkError
        || (cause instanceof NoClassDefFoundError
            && String.valueOf(cause.getMessage()).contains(NATIVE))) {
      return "the native libraries cannot be loaded from %s; see that programs may run from there, or name other directories: ERGOMETER_JAVA_OPTIONS=\"-Djava.io.tmpdir=DIR -Dorg.bytedeco.javacpp.cachedir=DIR\""
          .formatted(System.getProperty("java.io.tmpdir"));
    }
    return cause instanceof IOException file
        ? "%s; check the file and its permissions".formatted(FileProblem.withFile(file))
        : null;
  }

  private static String memory() {
    return String.format(
        Locale.ROOT,
        "memory does not suffice: Java may use %,d MB of it; give it more, such as ERGOMETER_JAVA_OPTIONS=-Xmx4g, or train a smaller model or batch",
        Runtime.getRuntime().maxMemory() >> 20);
  }
}
