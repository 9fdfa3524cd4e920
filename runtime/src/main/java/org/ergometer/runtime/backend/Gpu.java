package org.ergometer.runtime.backend;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A GPU as the driver describes it.
 *
 * @param index its number in the driver's order
 * @param name product name, such as {@code NVIDIA H200}
 * @param capability what machine code it runs
 * @param mig whether it is divided among several users
 * @param memoryBytes all of its memory; null if unknown
 * @param freeBytes the part that nobody uses; null if unknown
 * @param celsius its temperature; null if unknown
 */
public record Gpu(
    int index,
    String name,
    ComputeCapability capability,
    boolean mig,
    @Nullable Long memoryBytes,
    @Nullable Long freeBytes,
    @Nullable Integer celsius) {

  private static final double GIBIBYTE = 1L << 30;

  /** In words: {@code GPU 0 is NVIDIA H200 (sm_90)}. */
  public String describe() {
    return "GPU %s is %s (%s)%s".formatted(index, name, capability, mig ? ", divided by MIG" : "");
  }

  /** In words: {@code , 79.6 of 80.0 GiB free}; empty where it is unknown. */
  public String memory() {
    return memoryBytes == null || freeBytes == null
        ? ""
        : String.format(
            Locale.ROOT, ", %.1f of %.1f GiB free", freeBytes / GIBIBYTE, memoryBytes / GIBIBYTE);
  }
}
