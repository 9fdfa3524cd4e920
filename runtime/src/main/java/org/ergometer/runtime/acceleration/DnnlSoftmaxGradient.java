package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** {@link org.ergometer.accounting.op.FusedOp#SOFTMAX_GRADIENT}. */
final class DnnlSoftmaxGradient extends DnnlKernel {

  DnnlSoftmaxGradient(ThreadLocal<DnnlSession> sessions) {
    super(sessions);
  }

  @Override
  boolean accepts(OpCall call) {
    return allDense(call);
  }

  @Override
  DnnlPrimitive make(DnnlSession session, OpCall call) {
    TensorLayout rows = TensorLayout.rows(call.input(0));
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, rows);
      dnnl_memory_desc dy = builder.tensor(dnnl.DNNL_ARG_DIFF_DST, rows);
      dnnl_memory_desc dx = builder.tensor(dnnl.DNNL_ARG_DIFF_SRC, rows);
      dnnl_primitive_desc forward = new dnnl_primitive_desc();
      DnnlStatus.require(
          dnnl.dnnl_softmax_forward_primitive_desc_create(
              forward,
              builder.engine(),
              dnnl.dnnl_forward_training,
              dnnl.dnnl_softmax_accurate,
              y,
              y,
              1,
              builder.attributes()),
          "describe softmax");
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status =
          dnnl.dnnl_softmax_backward_primitive_desc_create(
              description,
              builder.engine(),
              dnnl.dnnl_softmax_accurate,
              dx,
              dy,
              y,
              1,
              forward,
              builder.attributes());
      dnnl.dnnl_primitive_desc_destroy(forward);
      return builder.build(status, description);
    }
  }
}
