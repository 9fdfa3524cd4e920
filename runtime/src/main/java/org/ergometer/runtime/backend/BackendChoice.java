package org.ergometer.runtime.backend;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The backend that a process runs on, and why.
 *
 * @param backend the one chosen
 * @param reason one clause that says why
 */
public record BackendChoice(Backend backend, String reason) {

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

  /**
   * Decides from what the driver and the library say; loads nothing.
   *
   * @param library the CUDA build of ND4J on the class path; null where there is none
   * @throws IllegalArgumentException if CUDA was asked for and cannot be had, with the reason
   */
  public static BackendChoice of(BackendRequest request, Gpus gpus, @Nullable CudaLibrary library) {
    return switch (request) {
      case CPU -> new BackendChoice(Backend.CPU, "asked for");
      case CUDA -> {
        String obstacle = obstacle(gpus, library);
        if (obstacle != null) {
          throw new IllegalArgumentException("backend cuda cannot be used: " + obstacle + REMEDY);
        }
        yield cuda(gpus);
      }
      case AUTO -> {
        String obstacle = obstacle(gpus, library);
        yield obstacle == null ? cuda(gpus) : new BackendChoice(Backend.CPU, obstacle);
      }
    };
  }

  private static BackendChoice cuda(Gpus gpus) {
    return new BackendChoice(Backend.CUDA, first(gpus).describe());
  }

  /** Why CUDA cannot be used; null if it can. ND4J computes on the driver's first GPU. */
  private static @Nullable String obstacle(Gpus gpus, @Nullable CudaLibrary library) {
    if (gpus instanceof Gpus.Unknown unknown) {
      return unknown.reason();
    }
    List<Gpu> listed = ((Gpus.Listed) gpus).gpus();
    if (listed.isEmpty()) {
      return "the NVIDIA driver sees no GPU";
    }
    Gpu gpu = listed.get(0);
    if (library == null) {
      return gpu.describe() + ", and ND4J's CUDA build is not fetched yet (--backend cuda does)";
    }
    if (!library.code().runsOn(gpu.capability())) {
      return "%s; %s holds %s"
          .formatted(gpu.describe(), library.artifact(), library.code().describe());
    }
    return null;
  }

  private static Gpu first(Gpus gpus) {
    return ((Gpus.Listed) gpus).gpus().get(0);
  }

  /** One line for people. */
  public String describe() {
    return "backend %s: %s".formatted(backend.label(), reason);
  }
}
