package org.ergometer.runtime.backend;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.energy.NvidiaGpu;
import org.jspecify.annotations.Nullable;

/**
 * The variables of the environment by which CUDA is told which GPUs to use and how to number them
 * (CUDA C++ Programming Guide, "CUDA Environment Variables").
 *
 * @param visibleDevices value of {@code CUDA_VISIBLE_DEVICES}: numbers or names, by commas; null if
 *     it is not set
 * @param deviceOrder value of {@code CUDA_DEVICE_ORDER}; null if it is not set
 */
public record CudaVariables(@Nullable String visibleDevices, @Nullable String deviceOrder) {

  /** The order in which the driver lists them; CUDA's own puts the fastest first. */
  private static final String DRIVERS_ORDER = "PCI_BUS_ID";

  private static final String INSTANCE = "MIG-";
  private static final String NAME = "GPU-";
  private static final String NUMBER = "[0-9]{1,4}";

  /** Those of this process. */
  public static CudaVariables ofProcess() {
    return new CudaVariables(
        System.getenv("CUDA_VISIBLE_DEVICES"), System.getenv("CUDA_DEVICE_ORDER"));
  }

  /**
   * The GPUs that CUDA shows a program, in its order.
   *
   * @param all in the driver's order
   * @throws IllegalStateException if it cannot be told which those are, or none is; the message is
   *     the reason
   */
  List<NvidiaGpu> shown(List<NvidiaGpu> all) {
    if (all.isEmpty()) {
      return all;
    }
    if (visibleDevices == null) {
      requireKnownOrder(all);
      return all;
    }
    List<NvidiaGpu> shown = new ArrayList<>();
    for (String word : visibleDevices.split(",", -1)) {
      NvidiaGpu gpu = named(word.strip(), all);
      if (gpu == null) {
        break; // as CUDA does: what follows the first that is none is not looked at
      }
      shown.add(gpu);
    }
    if (shown.isEmpty()) {
      throw new IllegalStateException(
          "CUDA_VISIBLE_DEVICES=%s hides every GPU".formatted(visibleDevices));
    }
    return shown;
  }

  private @Nullable NvidiaGpu named(String word, List<NvidiaGpu> all) {
    if (word.matches(NUMBER)) {
      requireKnownOrder(all);
      int index = Integer.parseInt(word);
      return index < all.size() ? all.get(index) : null;
    }
    if (word.startsWith(INSTANCE + NAME)) { // MIG-GPU-uuid/instance/instance
      return byName(word.substring(INSTANCE.length()).replaceFirst("/.*", ""), all);
    }
    if (word.startsWith(INSTANCE)) {
      if (all.size() > 1) {
        throw new IllegalStateException(
            "CUDA_VISIBLE_DEVICES=%s does not tell the GPU that the instance is of; name it MIG-GPU-UUID/INSTANCE/INSTANCE"
                .formatted(visibleDevices));
      }
      return all.get(0);
    }
    return word.startsWith(NAME) ? byName(word, all) : null;
  }

  /** As many letters will do as tell it from the others. */
  private static @Nullable NvidiaGpu byName(String start, List<NvidiaGpu> all) {
    List<NvidiaGpu> found = all.stream().filter(gpu -> gpu.uuid().startsWith(start)).toList();
    return found.size() == 1 ? found.get(0) : null;
  }

  private void requireKnownOrder(List<NvidiaGpu> all) {
    boolean alike =
        all.stream()
            .allMatch(
                gpu ->
                    gpu.major() == all.get(0).major()
                        && gpu.minor() == all.get(0).minor()
                        && gpu.name().equals(all.get(0).name()));
    if (!alike && !DRIVERS_ORDER.equals(deviceOrder)) {
      throw new IllegalStateException(
          "the GPUs differ, and CUDA numbers them by speed where the driver does by place; set CUDA_DEVICE_ORDER="
              + DRIVERS_ORDER);
    }
  }
}
