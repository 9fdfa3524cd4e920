package org.ergometer.runtime.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.CudaVariables;
import org.ergometer.runtime.backend.Gpus;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** Settles what this process computes on, before any native library of ND4J loads. */
final class NativeBackend {

  private NativeBackend() {}

  /**
   * Asks the driver, reads ND4J's CUDA library, decides, and has ND4J follow; without effect on
   * ND4J once it runs.
   *
   * @param nvmlLibrary another management library than the driver's; null for the driver's
   * @throws IllegalArgumentException if CUDA was asked for and cannot be had, with the reason
   */
  static BackendChoice settle(BackendRequest request, @Nullable Path nvmlLibrary) {
    BackendChoice choice =
        request == BackendRequest.CPU
            ? BackendChoice.of(request, new Gpus.Unknown("not asked"), null)
            : choose(request, gpus(nvmlLibrary));
    if (choice.backend() == Backend.CPU) {
      CpuOnlyClassLoader.install();
    }
    return choice;
  }

  /**
   * Starts ND4J, and sees whether it computes on what was chosen: where its CUDA backend does not
   * start after all, it takes the CPU in silence. A thread that computes must be this one, since
   * ND4J gives each thread the next GPU otherwise.
   *
   * @return what it computes on: the CPU where CUDA does not start and was not asked for
   * @throws CommandException if CUDA was asked for and does not start
   */
  static BackendChoice started(BackendChoice choice, BackendRequest request) {
    if (choice.backend() == Backend.CPU) {
      return choice;
    }
    if (Nd4j.getExecutioner().type() == OpExecutioner.ExecutionerType.CUDA) {
      Nd4j.getAffinityManager().unsafeSetDevice(0); // of those that CUDA shows
      return choice;
    }
    String line = choice.reason() + "; but ND4J's CUDA backend does not start there";
    if (request == BackendRequest.CUDA) {
      throw new CommandException(
          ExitCode.FAILED, "backend cuda: " + line + "; train with --backend cpu", null);
    }
    return BackendChoice.cpu(line);
  }

  static Gpus gpus(@Nullable Path nvmlLibrary) {
    return Gpus.detect(nvmlLibrary, CudaVariables.ofProcess());
  }

  /** The library is not even looked for where there is no GPU. */
  private static BackendChoice choose(BackendRequest request, Gpus gpus) {
    boolean any = gpus instanceof Gpus.Listed listed && !listed.gpus().isEmpty();
    try {
      return BackendChoice.of(request, gpus, any ? CudaLibrary.onClassPath() : null);
    } catch (UncheckedIOException unreadable) {
      Gpus none = new Gpus.Unknown(String.valueOf(unreadable.getMessage()));
      return BackendChoice.of(request, none, null);
    }
  }
}
