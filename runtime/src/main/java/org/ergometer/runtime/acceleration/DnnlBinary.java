package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * ND4J's {@code add}, {@code subtract}, {@code multiply} and {@code divide} of dense float32
 * arrays: of the same extents, or the second one broadcast to the first.
 */
final class DnnlBinary extends DnnlKernel {

  private final int algorithm;

  DnnlBinary(ThreadLocal<DnnlSession> sessions, int algorithm) {
    super(sessions);
    this.algorithm = algorithm;
  }

  @Override
  boolean accepts(OpCall call) {
    if (call.inputCount() != 2 || call.outputCount() != 1 || !allDense(call)) {
      return false;
    }
    TensorRef x = call.input(0);
    TensorRef y = call.input(1);
    TensorRef z = call.output(0);
    boolean overwritesBroadcast = z.address() == y.address() && !y.sameExtents(z);
    return x.sameExtents(z) && y.rank() <= x.rank() && !overwritesBroadcast;
  }

  @Override
  DnnlPrimitive make(DnnlSession session, OpCall call) {
    TensorLayout[] pair = TensorLayout.broadcast(call.input(0), call.input(1));
    if (pair.length == 0) {
      return DnnlPrimitive.REFUSED;
    }
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC_0, pair[0]);
      dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_SRC_1, pair[1]);
      dnnl_memory_desc z = builder.tensor(dnnl.DNNL_ARG_DST, pair[0]);
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status =
          dnnl.dnnl_binary_primitive_desc_create(
              description, builder.engine(), algorithm, x, y, z, builder.attributes());
      return builder.build(status, description);
    }
  }
}
