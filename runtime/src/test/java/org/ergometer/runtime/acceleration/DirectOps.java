package org.ergometer.runtime.acceleration;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.cpu.nativecpu.buffer.BaseCpuDataBuffer;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.OpaqueContext;
import org.nd4j.nativeblas.OpaqueDataBuffer;

/** Executes custom ops through a native seam of one's choice, past ND4J's executioner. */
final class DirectOps {

  private final NativeOps seam;

  DirectOps(NativeOps seam) {
    this.seam = seam;
  }

  /** Arguments of an op. */
  record Arguments(List<Long> integers, List<Double> reals) {
    static Arguments of(long... integers) {
      return new Arguments(Arrays.stream(integers).boxed().toList(), List.of());
    }

    Arguments reals(double... values) {
      return new Arguments(integers, Arrays.stream(values).boxed().toList());
    }

    private LongPointer nativeIntegers() {
      return new LongPointer(integers.stream().mapToLong(Long::longValue).toArray());
    }

    private DoublePointer nativeReals() {
      return new DoublePointer(reals.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  void execute(String name, Arguments arguments, List<INDArray> inputs, List<INDArray> outputs) {
    CustomOpDescriptor op =
        Objects.requireNonNull(Nd4j.getExecutioner().getCustomOperations().get(name), name);
    OpaqueContext context = seam.createGraphContext(1);
    try (LongPointer integers = arguments.nativeIntegers();
        DoublePointer reals = arguments.nativeReals()) {
      seam.setGraphContextIArguments(context, integers, arguments.integers.size());
      seam.setGraphContextTArguments(context, reals, arguments.reals.size());
      for (int index = 0; index < inputs.size(); index++) {
        INDArray array = inputs.get(index);
        seam.setGraphContextInputBuffer(
            context, index, buffer(array), array.shapeInfoDataBuffer().addressPointer(), null);
      }
      for (int index = 0; index < outputs.size(); index++) {
        INDArray array = outputs.get(index);
        seam.setGraphContextOutputBuffer(
            context, index, buffer(array), array.shapeInfoDataBuffer().addressPointer(), null);
      }
      int status = seam.execCustomOp2(null, op.getHash(), context);
      if (status != 0) {
        throw new IllegalStateException(name + ": " + seam.lastErrorMessage());
      }
    } finally {
      seam.ctxPurge(context);
      seam.deleteGraphContext(context);
    }
  }

  private static @Nullable OpaqueDataBuffer buffer(INDArray array) {
    return array.isEmpty() ? null : ((BaseCpuDataBuffer) array.data()).getOpaqueDataBuffer();
  }
}
