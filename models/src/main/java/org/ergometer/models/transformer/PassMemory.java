package org.ergometer.models.transformer;

import java.util.EnumMap;
import java.util.Map;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arrays of one layer's passes. Those of a training step are the layer's own, or where they end
 * with the layer's call, the thread's, and are used again in each step; those of inference are in
 * DL4J's workspaces.
 */
final class PassMemory {

  private final DataType dataType;
  private final ReusedMemory kept;

  /** What all layers of a thread share, one after the other; as ND4J's workspaces are. */
  private static final ThreadLocal<Map<DataType, Shared>> SHARED =
      ThreadLocal.withInitial(() -> new EnumMap<>(DataType.class));

  /**
   * Memory of a thread.
   *
   * @param working for arrays that end with a layer's call
   * @param gradient for the gradient of a layer's input
   * @param otherGradient the same for the layers before and after it
   */
  private record Shared(ReusedMemory working, ReusedMemory gradient, ReusedMemory otherGradient) {}

  PassMemory(DataType dataType) {
    this.dataType = dataType;
    this.kept = new ReusedMemory(dataType);
  }

  private Shared shared() {
    return SHARED
        .get()
        .computeIfAbsent(
            dataType,
            type ->
                new Shared(new ReusedMemory(type), new ReusedMemory(type), new ReusedMemory(type)));
  }

  /** For what a layer hands on, and what its backward pass needs; once in each forward pass. */
  Memory kept() {
    return kept.rewind();
  }

  /** Bytes of what training steps keep. */
  long keptBytes() {
    return kept.bytes();
  }

  /** For what ends with the layer's call; once in each call. */
  Memory working() {
    return shared().working.rewind();
  }

  /** For the gradient of the layer's input, beside that of its output. */
  Memory inputGradient(@Nullable INDArray outputGradient) {
    Shared shared = shared();
    return (shared.gradient.holds(outputGradient) ? shared.otherGradient : shared.gradient)
        .rewind();
  }

  /** For what a layer hands on in inference. */
  Memory activations(LayerWorkspaceMgr workspaces) {
    return new WorkspaceMemory(workspaces, ArrayType.ACTIVATIONS, dataType);
  }

  /** For what ends with the layer's call in inference. */
  Memory inferenceWorking(LayerWorkspaceMgr workspaces) {
    return new WorkspaceMemory(workspaces, ArrayType.FF_WORKING_MEM, dataType);
  }
}
