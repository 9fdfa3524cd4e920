package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link org.ergometer.accounting.op.FusedOp#GELU}, {@link
 * org.ergometer.accounting.op.FusedOp#SILU}, and their gradients.
 */
final class DnnlActivation extends DnnlKernel {

  /** Of x · sigmoid(factor · x); GELU has none. */
  private static final float FACTOR = 1;

  private final int algorithm;
  private final boolean gradient;

  /**
   * A function or its gradient.
   *
   * @param algorithm the library's number of the function
   */
  DnnlActivation(ThreadLocal<DnnlSession> sessions, int algorithm, boolean gradient) {
    super(sessions);
    this.algorithm = algorithm;
    this.gradient = gradient;
  }

  @Override
  boolean accepts(OpCall call) {
    return allDense(call);
  }

  @Override
  DnnlPrimitive make(DnnlSession session, OpCall call) {
    TensorLayout layout = TensorLayout.dense(dnnl.dnnl_f32, call.output(0).length());
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      return gradient ? backward(builder, layout) : forward(builder, layout);
    }
  }

  private DnnlPrimitive forward(DnnlPrimitive.Builder builder, TensorLayout layout) {
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC, layout);
    dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, layout);
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status = describe(builder, description, x, y);
    return builder.build(status, description);
  }

  private int describe(
      DnnlPrimitive.Builder builder,
      dnnl_primitive_desc description,
      dnnl_memory_desc x,
      dnnl_memory_desc y) {
    return dnnl.dnnl_eltwise_forward_primitive_desc_create(
        description,
        builder.engine(),
        dnnl.dnnl_forward_training,
        algorithm,
        x,
        y,
        FACTOR,
        0,
        builder.attributes());
  }

  private DnnlPrimitive backward(DnnlPrimitive.Builder builder, TensorLayout layout) {
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC, layout);
    dnnl_memory_desc dy = builder.tensor(dnnl.DNNL_ARG_DIFF_DST, layout);
    dnnl_memory_desc dx = builder.tensor(dnnl.DNNL_ARG_DIFF_SRC, layout);
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    DnnlStatus.require(describe(builder, forward, x, dy), "describe a function");
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status =
        dnnl.dnnl_eltwise_backward_primitive_desc_create(
            description,
            builder.engine(),
            algorithm,
            dx,
            dy,
            x,
            FACTOR,
            0,
            forward,
            builder.attributes());
    dnnl.dnnl_primitive_desc_destroy(forward);
    return builder.build(status, description);
  }
}
