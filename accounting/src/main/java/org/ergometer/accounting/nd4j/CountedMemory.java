package org.ergometer.accounting.nd4j;

import org.ergometer.accounting.op.ElementType;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Counts copies and zero-fills that ND4J makes past its native seam, with the C library's memcpy
 * and memset; called by the generated subclasses of its memory manager and buffer factory.
 *
 * <p>Where the same call goes through the native seam, as it does on CUDA, it was counted there:
 * then the number of counted ops differs before and after, and nothing is added.
 */
final class CountedMemory {

  private CountedMemory() {}

  /** Number of ops this thread has counted so far. */
  static long before() {
    return Recorder.PROCESS.recordedByThread();
  }

  /** {@code MemoryManager.memcpy}. */
  static void copied(long before, DataBuffer destination, DataBuffer source) {
    if (uncounted(before)) {
      copy(source);
    }
  }

  /** {@code MemoryManager.memset}: an array was set to zero. */
  static void cleared(long before, INDArray array) {
    if (uncounted(before)) {
      fill(array.data());
    }
  }

  /** {@code MemoryManager.allocate}. */
  static void allocated(long before, long bytes, boolean zeroed) {
    if (zeroed && uncounted(before)) {
      Recorder.PROCESS.op(SeamOp.MEMSET).output(ElementType.UINT8, bytes).book();
    }
  }

  /** A method of {@code DataBufferFactory} that may zero what it makes. */
  static void created(long before, @Nullable DataBuffer buffer, boolean zeroed) {
    if (zeroed && buffer != null && uncounted(before)) {
      fill(buffer);
    }
  }

  /**
   * {@code DataBufferFactory.createSame}: on the CPU only {@code INDArray.unsafeDuplication} calls
   * it, and copies the whole buffer next.
   */
  static void duplicated(long before, @Nullable DataBuffer buffer) {
    if (buffer != null && uncounted(before) && Nd4j.getEnvironment().isCPU()) {
      copy(buffer);
    }
  }

  private static boolean uncounted(long before) {
    return Recorder.PROCESS.attached() && Recorder.PROCESS.recordedByThread() == before;
  }

  private static void copy(DataBuffer buffer) {
    ElementType type = ElementTypes.of(buffer.dataType());
    Recorder.PROCESS
        .op(SeamOp.MEMCPY)
        .input(type, buffer.length())
        .output(type, buffer.length())
        .book();
  }

  private static void fill(DataBuffer buffer) {
    Recorder.PROCESS
        .op(SeamOp.MEMSET)
        .output(ElementTypes.of(buffer.dataType()), buffer.length())
        .book();
  }
}
