package org.ergometer.runtime.backend;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The GPUs that a CUDA library was compiled for.
 *
 * @param binaries architectures with machine code in it
 * @param intermediate architectures with PTX in it, which the driver compiles for newer GPUs
 */
public record MachineCode(
    NavigableSet<ComputeCapability> binaries, NavigableSet<ComputeCapability> intermediate) {

  public MachineCode {
    binaries = Collections.unmodifiableNavigableSet(new TreeSet<>(binaries));
    intermediate = Collections.unmodifiableNavigableSet(new TreeSet<>(intermediate));
  }

  static MachineCode of(
      Collection<ComputeCapability> binaries, Collection<ComputeCapability> intermediate) {
    return new MachineCode(new TreeSet<>(binaries), new TreeSet<>(intermediate));
  }

  /**
   * Whether a GPU can run the library: machine code runs on its own generation from its own
   * revision on, PTX on everything at least as new (NVIDIA CUDA Compiler Driver, "GPU
   * Compilation").
   */
  public boolean runsOn(ComputeCapability gpu) {
    boolean binary =
        binaries.stream()
            .anyMatch(code -> code.major() == gpu.major() && code.minor() <= gpu.minor());
    return binary || intermediate.stream().anyMatch(code -> code.compareTo(gpu) <= 0);
  }

  /** In words: {@code code for sm_37..sm_86 and no PTX}. */
  public String describe() {
    String code = binaries.isEmpty() ? "no machine code" : "code for " + range(binaries);
    return intermediate.isEmpty()
        ? code + " and no PTX"
        : code + " and PTX of " + range(intermediate);
  }

  private static String range(NavigableSet<ComputeCapability> set) {
    return set.size() == 1 ? set.first().toString() : set.first() + ".." + set.last();
  }
}
