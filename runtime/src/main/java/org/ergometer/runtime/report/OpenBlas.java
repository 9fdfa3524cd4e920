package org.ergometer.runtime.report;

import com.sun.jna.NativeLibrary;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

/** The OpenBLAS that ND4J has loaded. */
final class OpenBlas {

  private OpenBlas() {}

  /**
   * Name of the processor that its kernels in use were written for, such as {@code SkylakeX}; empty
   * where no OpenBLAS is loaded. One that does not know the processor takes kernels of an old one.
   */
  static Optional<String> core() {
    return Loader.getLoadedLibraries().values().stream()
        .filter(file -> file != null && file.contains("libopenblas"))
        .findFirst()
        .flatMap(OpenBlas::core);
  }

  private static Optional<String> core(String file) {
    try (NativeLibrary library = NativeLibrary.getInstance(file)) { // the one that is loaded
      return Optional.ofNullable(
          library.getFunction("openblas_get_corename").invokeString(new Object[0], false));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }
}
