package org.ergometer.runtime.backend;

import java.util.Comparator;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Version of an NVIDIA GPU's instruction set, such as 9.0 of an H200 (CUDA C++ Programming Guide,
 * "Compute Capability").
 *
 * @param major generation; machine code never runs on another one
 * @param minor revision within the generation
 */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {

  private static final int MINORS = 10;

  public ComputeCapability {
    if (major < 1 || minor < 0 || minor >= MINORS) {
      throw new InvalidInputException(
          "compute capability must look like 8.6, got %s.%s".formatted(major, minor));
    }
  }

  /** From the number that compilers and object files use: 86 is 8.6, 120 is 12.0. */
  static ComputeCapability ofNumber(int number) {
    return new ComputeCapability(number / MINORS, number % MINORS);
  }

  @Override
  public int compareTo(ComputeCapability other) {
    return Comparator.comparingInt(ComputeCapability::major)
        .thenComparingInt(ComputeCapability::minor)
        .compare(this, other);
  }

  /** As compilers name it: {@code sm_86}. */
  @Override
  public String toString() {
    return "sm_%s".formatted(major * MINORS + minor);
  }
}
