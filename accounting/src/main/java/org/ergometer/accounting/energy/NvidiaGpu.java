package org.ergometer.accounting.energy;

import org.jspecify.annotations.Nullable;

/**
 * A GPU as NVIDIA's driver describes it at one moment; what the driver does not tell is null.
 *
 * @param index its number in the driver's order
 * @param uuid its name for all times, as {@code nvidia-smi -L} tells it; "unknown" if untold
 * @param driver version of the driver
 * @param major of its compute capability
 * @param minor of its compute capability
 * @param memoryBytes all of its memory
 * @param usedBytes the part that is in use, by anybody
 * @param celsius temperature
 * @param mig whether it is divided among several users
 * @param energy how its energy can be had; null if it cannot
 * @param obstacle why its energy cannot be had; null if it can
 */
public record NvidiaGpu(
    int index,
    String name,
    String uuid,
    String driver,
    int major,
    int minor,
    @Nullable Long memoryBytes,
    @Nullable Long usedBytes,
    @Nullable Integer celsius,
    boolean mig,
    @Nullable EnergyMethod energy,
    @Nullable String obstacle) {

  /** Name of its domain and device in metrics. */
  String label() {
    return "gpu-" + index;
  }
}
