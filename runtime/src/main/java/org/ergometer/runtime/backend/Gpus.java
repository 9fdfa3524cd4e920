package org.ergometer.runtime.backend;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.energy.NvidiaGpu;
import org.ergometer.accounting.energy.Nvml;
import org.jspecify.annotations.Nullable;

/** What the driver says of this machine's GPUs, or why it says nothing. */
public sealed interface Gpus {

  /**
   * The driver answered; the list may be empty.
   *
   * @param gpus those that this process may use, in CUDA's order
   * @param driver version of it
   * @param cudaMajor the newest generation of CUDA that it runs; null if it does not tell
   */
  record Listed(List<Gpu> gpus, String driver, @Nullable Integer cudaMajor) implements Gpus {
    public Listed {
      gpus = List.copyOf(gpus);
    }
  }

  /** There is no driver, or it does not answer, or it is told to show nothing. */
  record Unknown(String reason) implements Gpus {}

  /**
   * Asks the driver, through its management library; CUDA is not loaded.
   *
   * @param nvmlLibrary another library than the driver's; null for the driver's
   * @param visible value of {@code CUDA_VISIBLE_DEVICES}, CUDA's list of those to use and their
   *     order; null if it is not set
   */
  static Gpus detect(@Nullable Path nvmlLibrary, @Nullable String visible) {
    Nvml.Opened opened = Nvml.open(nvmlLibrary);
    if (opened instanceof Nvml.Opened.Absent absent) {
      return new Unknown(absent.reason());
    }
    try (Nvml nvml = ((Nvml.Opened.Ready) opened).nvml()) {
      List<Gpu> all = nvml.gpus().stream().map(Gpus::gpu).toList();
      List<Gpu> shown = visible == null ? all : shown(all, visible);
      return !all.isEmpty() && shown.isEmpty()
          ? new Unknown("CUDA_VISIBLE_DEVICES=%s hides every GPU".formatted(visible))
          : new Listed(shown, nvml.driver(), nvml.cudaMajor());
    }
  }

  private static Gpu gpu(NvidiaGpu gpu) {
    Long memory = gpu.memoryBytes();
    Long used = gpu.usedBytes();
    return new Gpu(
        gpu.index(),
        gpu.name(),
        new ComputeCapability(gpu.major(), gpu.minor()),
        gpu.mig(),
        memory,
        memory == null || used == null ? null : memory - used,
        gpu.celsius());
  }

  /**
   * Those of a list of numbers, until the first that is none of a GPU (CUDA C++ Programming Guide,
   * "CUDA Environment Variables"). A list of other names is not followed.
   */
  private static List<Gpu> shown(List<Gpu> all, String visible) {
    if (visible.startsWith("GPU-") || visible.startsWith("MIG-")) {
      return all;
    }
    List<Gpu> shown = new ArrayList<>();
    for (String number : visible.split(",", -1)) {
      int index = number.strip().matches("[0-9]{1,4}") ? Integer.parseInt(number.strip()) : -1;
      if (index < 0 || index >= all.size()) {
        break;
      }
      shown.add(all.get(index));
    }
    return shown;
  }
}
