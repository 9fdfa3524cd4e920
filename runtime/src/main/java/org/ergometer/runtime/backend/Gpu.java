package org.ergometer.runtime.backend;

/**
 * A GPU as the driver describes it.
 *
 * @param index its number in the driver's order
 * @param name product name, such as {@code NVIDIA H200}
 * @param capability what machine code it runs
 */
public record Gpu(int index, String name, ComputeCapability capability) {

  /** In words: {@code GPU 0 is an NVIDIA H200 (sm_90)}. */
  String describe() {
    return "GPU %d is %s (%s)".formatted(index, name, capability);
  }
}
