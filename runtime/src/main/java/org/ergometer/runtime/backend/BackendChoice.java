package org.ergometer.runtime.backend;

import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The backend that a process runs on, and why.
 *
 * @param backend the one chosen
 * @param reason one clause that says why
 * @param gpu number of the GPU it computes on, as the driver counts; null on the CPU
 */
public record BackendChoice(Backend backend, String reason, @Nullable Integer gpu) {

  /** The remedy where a GPU cannot be used though it was asked for. */
  private static final String REMEDY = "; train with --backend cpu";

  /** A backend of ND4J. */
  public enum Backend {
    CPU,
    CUDA;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The CPU. */
  public static BackendChoice cpu(String reason) {
    return new BackendChoice(Backend.CPU, reason, null);
  }

  /**
   * Decides from what the driver and the library say; loads nothing.
   *
   * @param library the CUDA build of ND4J on the class path; null where there is none
   * @throws IllegalArgumentException if CUDA was asked for and cannot be had, with the reason
   */
  public static BackendChoice of(BackendRequest request, Gpus gpus, @Nullable CudaLibrary library) {
    return switch (request) {
      case CPU -> cpu("asked for");
      case CUDA -> {
        String obstacle = obstacle(gpus, library);
        if (obstacle != null) {
          throw new InvalidInputException("backend cuda cannot be used: " + obstacle + REMEDY);
        }
        yield cuda((Gpus.Listed) gpus);
      }
      case AUTO -> {
        String obstacle = obstacle(gpus, library);
        yield obstacle == null ? cuda((Gpus.Listed) gpus) : cpu(obstacle);
      }
    };
  }

  private static BackendChoice cuda(Gpus.Listed gpus) {
    Gpu gpu = gpus.gpus().get(0);
    return new BackendChoice(
        Backend.CUDA,
        "%s%s, driver %s".formatted(gpu.describe(), gpu.memory(), gpus.driver()),
        gpu.index());
  }

  /** Why CUDA cannot be used; null if it can. What computes is CUDA's first GPU. */
  private static @Nullable String obstacle(Gpus gpus, @Nullable CudaLibrary library) {
    if (gpus instanceof Gpus.Unknown unknown) {
      return unknown.reason();
    }
    Gpus.Listed listed = (Gpus.Listed) gpus;
    return listed.gpus().isEmpty()
        ? "the NVIDIA driver sees no GPU"
        : obstacle(listed.gpus().get(0), listed, library);
  }

  /**
   * Why ND4J cannot compute on a GPU; null if it can.
   *
   * @param library null where ND4J's CUDA build is not on the class path
   */
  public static @Nullable String obstacle(
      Gpu gpu, Gpus.Listed driver, @Nullable CudaLibrary library) {
    if (library == null) {
      return gpu.describe() + ", and ND4J's CUDA build is not fetched yet (--backend cuda does)";
    }
    if (!library.code().runsOn(gpu.capability())) {
      return "%s; %s holds %s"
          .formatted(gpu.describe(), library.artifact(), library.code().describe());
    }
    if (driver.cudaMajor() != null && driver.cudaMajor() < library.cudaMajor()) {
      return "%s; driver %s runs CUDA %s, and %s needs one that runs CUDA %s: install a newer driver"
          .formatted(
              gpu.describe(),
              driver.driver(),
              driver.cudaMajor(),
              library.artifact(),
              library.cudaMajor());
    }
    if (library.missing().contains(CudaLibrary.DRIVER)) {
      return "%s; %s of its driver is not found: install the driver whole, or let the container have it (NVIDIA_DRIVER_CAPABILITIES=compute,utility)"
          .formatted(gpu.describe(), CudaLibrary.DRIVER);
    }
    if (!library.missing().isEmpty()) {
      return "%s; %s needs %s, not found (--backend cuda fetches CUDA's own libraries)"
          .formatted(gpu.describe(), library.artifact(), String.join(" and ", library.missing()));
    }
    return null;
  }

  /** One line for people. */
  public String describe() {
    return "backend %s: %s".formatted(backend.label(), reason);
  }
}
