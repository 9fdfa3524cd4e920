package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;
import org.nd4j.nativeblas.OpaqueContext;
import org.nd4j.nativeblas.OpaqueDataBuffer;

/**
 * ND4J's native seam on the CPU, with custom ops executed by a library of faster kernels where it
 * has one; whatever it has none for, or refuses, ND4J executes as ever.
 *
 * <p>What counts ops decorates this seam, and sees the op as if ND4J had executed it.
 */
@SuppressWarnings("rawtypes") // Nd4jCpu declares its PointerPointers raw
public final class AcceleratedNativeOps extends Nd4jCpu {

  private static final int STATUS_OK = 0;

  private final BufferAddresses addresses = new BufferAddresses(this);
  private final OpCall.NativeContext nativeContext = new Handover();

  /** Hashes of the accelerated ops in ascending order, and the ops at the same places. */
  private final long[] hashes;

  private final AcceleratedOp[] ops;

  /** Over oneDNN, which must be loaded; ND4J calls this by reflection. */
  public AcceleratedNativeOps() {
    this(OneDnn.library());
    Acceleration.installed();
  }

  AcceleratedNativeOps(KernelLibrary library) {
    Map<String, Long> names = hashesByName(getAllCustomOps());
    Map<Long, AcceleratedOp> byHash = new HashMap<>();
    library
        .ops()
        .forEach(
            (name, op) -> {
              Long hash = names.get(name);
              if (hash == null) {
                throw new IllegalStateException("ND4J has no custom op named " + name);
              }
              byHash.put(hash, op);
            });
    hashes = byHash.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
    ops = Arrays.stream(hashes).mapToObj(byHash::get).toArray(AcceleratedOp[]::new);
  }

  /** ND4J lists its custom ops as {@code name:hash:…} between semicolons. */
  private static Map<String, Long> hashesByName(String listing) {
    Map<String, Long> hashes = new HashMap<>();
    for (String entry : listing.split(";", -1)) {
      String[] parts = entry.split(":", -1);
      if (parts.length > 1) {
        hashes.put(parts[0], Long.valueOf(parts[1]));
      }
    }
    return hashes;
  }

  @Override
  public int execCustomOp2(PointerPointer extraPointers, long opHashCode, Pointer context) {
    if (context instanceof OpCall call) {
      int index = Arrays.binarySearch(hashes, opHashCode);
      if (index >= 0 && call.readTensors() && ops[index].execute(call)) {
        return STATUS_OK;
      }
      call.handOver(nativeContext);
    }
    return super.execCustomOp2(extraPointers, opHashCode, context);
  }

  @Override
  public @Nullable OpaqueContext createGraphContext(int nodeId) {
    OpaqueContext context = super.createGraphContext(nodeId);
    return context == null ? null : new OpCall(context, addresses);
  }

  @Override
  public void setGraphContextInputBuffer(
      OpaqueContext ptr,
      int index,
      @Nullable OpaqueDataBuffer buffer,
      Pointer shapeInfo,
      @Nullable Pointer specialShapeInfo) {
    if (ptr instanceof OpCall call) {
      call.input(index, buffer, shapeInfo);
    } else {
      super.setGraphContextInputBuffer(ptr, index, buffer, shapeInfo, specialShapeInfo);
    }
  }

  @Override
  public void setGraphContextOutputBuffer(
      OpaqueContext ptr,
      int index,
      @Nullable OpaqueDataBuffer buffer,
      Pointer shapeInfo,
      @Nullable Pointer specialShapeInfo) {
    if (ptr instanceof OpCall call) {
      call.output(index, buffer, shapeInfo);
    } else {
      super.setGraphContextOutputBuffer(ptr, index, buffer, shapeInfo, specialShapeInfo);
    }
  }

  @Override
  public void setGraphContextInputArray(
      OpaqueContext ptr,
      int index,
      Pointer buffer,
      Pointer shapeInfo,
      Pointer specialBuffer,
      Pointer specialShapeInfo) {
    super.setGraphContextInputArray(ptr, index, buffer, shapeInfo, specialBuffer, specialShapeInfo);
    if (ptr instanceof OpCall call) {
      call.opaque();
    }
  }

  @Override
  public void setGraphContextOutputArray(
      OpaqueContext ptr,
      int index,
      Pointer buffer,
      Pointer shapeInfo,
      Pointer specialBuffer,
      Pointer specialShapeInfo) {
    super.setGraphContextOutputArray(
        ptr, index, buffer, shapeInfo, specialBuffer, specialShapeInfo);
    if (ptr instanceof OpCall call) {
      call.opaque();
    }
  }

  @Override
  public void markGraphContextInplace(OpaqueContext ptr, boolean reallyInplace) {
    super.markGraphContextInplace(ptr, reallyInplace);
    if (ptr instanceof OpCall call) {
      call.inPlace(reallyInplace);
    }
  }

  @Override
  public void setGraphContextTArguments(
      OpaqueContext ptr, DoublePointer arguments, int numberOfArguments) {
    super.setGraphContextTArguments(ptr, arguments, numberOfArguments);
    if (ptr instanceof OpCall call) {
      call.reals(arguments, numberOfArguments);
    }
  }

  @Override
  public void setGraphContextIArguments(
      OpaqueContext ptr, LongPointer arguments, int numberOfArguments) {
    super.setGraphContextIArguments(ptr, arguments, numberOfArguments);
    if (ptr instanceof OpCall call) {
      call.integers(arguments, numberOfArguments);
    }
  }

  @Override
  public void setGraphContextBArguments(
      OpaqueContext ptr, BooleanPointer arguments, int numberOfArguments) {
    super.setGraphContextBArguments(ptr, arguments, numberOfArguments);
    if (ptr instanceof OpCall call) {
      call.flags(arguments, numberOfArguments);
    }
  }

  @Override
  public void ctxPurge(OpaqueContext ptr) {
    if (!(ptr instanceof OpCall call) || call.purge()) {
      super.ctxPurge(ptr);
    }
  }

  /** Gives a context's tensors to ND4J. */
  private final class Handover implements OpCall.NativeContext {

    @Override
    public void input(
        OpCall call, int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo) {
      AcceleratedNativeOps.super.setGraphContextInputBuffer(call, index, buffer, shapeInfo, null);
    }

    @Override
    public void output(
        OpCall call, int index, @Nullable OpaqueDataBuffer buffer, Pointer shapeInfo) {
      AcceleratedNativeOps.super.setGraphContextOutputBuffer(call, index, buffer, shapeInfo, null);
    }
  }
}
