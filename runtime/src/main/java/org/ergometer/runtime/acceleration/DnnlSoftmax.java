package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * ND4J's {@code softmax} and {@code log_softmax} over the last dimension of dense arrays; the
 * integer argument is the dimension, the last one if it is not given.
 */
final class DnnlSoftmax extends DnnlKernel {

  private final int algorithm;

  private DnnlSoftmax(ThreadLocal<DnnlSession> sessions, int algorithm) {
    super(sessions);
    this.algorithm = algorithm;
  }

  static DnnlSoftmax plain(ThreadLocal<DnnlSession> sessions) {
    return new DnnlSoftmax(sessions, dnnl.dnnl_softmax_accurate);
  }

  static DnnlSoftmax logarithmic(ThreadLocal<DnnlSession> sessions) {
    return new DnnlSoftmax(sessions, dnnl.dnnl_softmax_log);
  }

  @Override
  boolean accepts(OpCall call) {
    if (call.inputCount() != 1 || call.outputCount() != 1 || !allDense(call)) {
      return false;
    }
    int last = call.input(0).rank() - 1;
    long axis = call.integer(0, last);
    return last >= 0
        && (axis == last || axis == -1)
        && call.integerCount() <= 1
        && call.input(0).sameExtents(call.output(0));
  }

  @Override
  DnnlPrimitive make(DnnlSession session, OpCall call) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      TensorLayout rows = TensorLayout.rows(call.input(0));
      return forward(builder, algorithm, rows);
    }
  }

  static DnnlPrimitive forward(DnnlPrimitive.Builder builder, int algorithm, TensorLayout rows) {
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC, rows);
    dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, rows);
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status =
        dnnl.dnnl_softmax_forward_primitive_desc_create(
            description,
            builder.engine(),
            dnnl.dnnl_forward_inference,
            algorithm,
            x,
            y,
            1,
            builder.attributes());
    return builder.build(status, description);
  }
}
