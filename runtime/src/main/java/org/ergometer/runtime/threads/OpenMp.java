package org.ergometer.runtime.threads;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * GCC's OpenMP library as this process has loaded it, and how long its threads spin at a barrier.
 *
 * <p>A thread that waits spins some 300,000 times before it sleeps, and 100 times where the library
 * has more threads than there are processors ({@code GOMP_SPINCOUNT} in the manual of libgomp). The
 * count cannot be set once the library is loaded, but a second, idle team of threads makes it the
 * short one for as long as the team is there. Who computes what stays as it is.
 */
final class OpenMp {

  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String NAME = "/libgomp";

  private final Gomp library;
  private final Function nothing;

  /** The functions that are used here (libgomp's ABI, OpenMP 5.2 API). */
  interface Gomp extends Library {

    /** Has each thread of a team call a function with an argument, and waits for all. */
    void GOMP_parallel(Pointer function, @Nullable Pointer argument, int threads, int flags);

    int omp_get_num_procs();

    int omp_get_max_threads();
  }

  private OpenMp(Gomp library, Function nothing) {
    this.library = library;
    this.nothing = nothing;
  }

  /** The library; empty where none is loaded, or another maker's. */
  static Optional<OpenMp> loaded() {
    try (Stream<String> lines = Files.lines(MAPS)) {
      Optional<String> file =
          lines
              .filter(line -> line.contains(NAME))
              .map(line -> line.substring(line.indexOf('/')))
              .findFirst();
      // by its file: a second copy of the library would have threads of its own
      return file.map(
          path ->
              new OpenMp(
                  Native.load(path, Gomp.class),
                  NativeLibrary.getProcess().getFunction("free"))); // of null does nothing
    } catch (IOException | LinkageError e) {
      return Optional.empty();
    }
  }

  /**
   * Has all waiting threads of the process sleep soon.
   *
   * @return has them spin long again
   */
  Runnable shortSpins() {
    CountDownLatch over = new CountDownLatch(1);
    Thread master = new Thread(() -> holdTeam(over), "short-spins");
    master.setDaemon(true);
    master.start();
    return over::countDown;
  }

  /** The library ends the team with the thread that began it. */
  private void holdTeam(CountDownLatch over) {
    int spare = library.omp_get_num_procs() - library.omp_get_max_threads();
    library.GOMP_parallel(nothing, null, Math.max(0, spare) + 2, 0);
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
