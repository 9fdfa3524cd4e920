package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BooleanPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.ergometer.accounting.op.FusedOp;
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

  /** What the list of custom ops ends with. */
  private final String fusedListing;

  /** Over oneDNN, which must be loaded; ND4J calls this by reflection. */
  public AcceleratedNativeOps() {
    this(OneDnn.library());
    Acceleration.installed();
  }

  AcceleratedNativeOps(KernelLibrary library) {
    Map<String, Long> names = hashesByName(super.getAllCustomOps());
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
    library.fusedOps().forEach((fused, op) -> byHash.put(hash(fused), op));
    fusedListing = listing(library.fusedOps().keySet());
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

  /** A number that no name of ND4J's has: theirs are 64-bit hashes, and a test compares them. */
  private static long hash(FusedOp op) {
    return op.label().hashCode() * 0x9E3779B97F4A7C15L;
  }

  /** In ND4J's form: name, hash, inputs, outputs, in place, real and integer arguments (any). */
  private static String listing(Set<FusedOp> fused) {
    return fused.stream()
        .map(
            op -> "%s:%s:%s:%s:0:-2:-2;".formatted(op.label(), hash(op), op.inputs(), op.outputs()))
        .collect(Collectors.joining());
  }

  @Override
  public String getAllCustomOps() {
    String own = super.getAllCustomOps();
    return (own.endsWith(";") ? own : own + ";") + fusedListing;
  }

  @Override
  public int execCustomOp2(PointerPointer extraPointers, long opHashCode, Pointer context) {
    if (context instanceof OpCall call) {
      int index = Arrays.binarySearch(hashes, opHashCode);
      if (index >= 0) {
        if (call.readTensors() && ops[index].execute(call)) {
          return STATUS_OK;
        }
        requireKnown(opHashCode);
      }
      call.handOver(nativeContext);
    }
    return super.execCustomOp2(extraPointers, opHashCode, context);
  }

  /** ND4J knows nothing of the ops that are offered in addition to its own. */
  private void requireKnown(long opHashCode) {
    for (FusedOp op : FusedOp.values()) {
      if (hash(op) == opHashCode) {
        throw new IllegalArgumentException(
            "%s takes dense float32 arrays with elements, got others; see FusedOp"
                .formatted(op.label()));
      }
    }
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
