package org.ergometer.runtime.backend;

import java.nio.file.Path;
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
   * @param variables what CUDA is told of the GPUs to use and their order
   */
  static Gpus detect(@Nullable Path nvmlLibrary, CudaVariables variables) {
    Nvml.Opened opened = Nvml.open(nvmlLibrary);
    if (opened instanceof Nvml.Opened.Absent absent) {
      return new Unknown(absent.reason());
    }
    try (Nvml nvml = ((Nvml.Opened.Ready) opened).nvml()) {
      return new Listed(
          variables.shown(nvml.gpus()).stream().map(Gpus::gpu).toList(),
          nvml.driver(),
          nvml.cudaMajor());
    } catch (IllegalStateException unclear) {
      return new Unknown(String.valueOf(unclear.getMessage()));
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
}
