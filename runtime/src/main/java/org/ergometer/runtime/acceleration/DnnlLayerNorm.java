package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/** {@link org.ergometer.accounting.op.FusedOp#LAYER_NORM} and its gradient. */
final class DnnlLayerNorm extends DnnlKernel {

  private final boolean gradient;

  DnnlLayerNorm(ThreadLocal<DnnlSession> sessions, boolean gradient) {
    super(sessions);
    this.gradient = gradient;
  }

  @Override
  boolean accepts(OpCall call) {
    return allDense(call);
  }

  @Override
  DnnlPrimitive make(DnnlSession session, OpCall call) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      return gradient ? backward(builder, call) : forward(builder, call);
    }
  }

  private static DnnlPrimitive forward(DnnlPrimitive.Builder builder, OpCall call) {
    boolean bias = call.inputCount() > 2;
    TensorLayout rows = TensorLayout.of(call.input(0));
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC, rows);
    builder.tensor(dnnl.DNNL_ARG_SCALE, perColumn(rows));
    if (bias) {
      builder.tensor(dnnl.DNNL_ARG_SHIFT, perColumn(rows));
    }
    dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, rows);
    dnnl_memory_desc mean = builder.tensor(dnnl.DNNL_ARG_MEAN, perRow(rows));
    builder.tensor(dnnl.DNNL_ARG_VARIANCE, perRow(rows));
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    return builder.build(describe(builder, description, x, y, mean, call, bias), description);
  }

  private static int describe(
      DnnlPrimitive.Builder builder,
      dnnl_primitive_desc description,
      dnnl_memory_desc x,
      dnnl_memory_desc y,
      dnnl_memory_desc mean,
      OpCall call,
      boolean bias) {
    return dnnl.dnnl_layer_normalization_forward_primitive_desc_create(
        description,
        builder.engine(),
        dnnl.dnnl_forward_training,
        x,
        y,
        mean,
        (float) call.real(0, 0),
        flags(bias),
        builder.attributes());
  }

  private static DnnlPrimitive backward(DnnlPrimitive.Builder builder, OpCall call) {
    boolean bias = call.outputCount() > 2;
    TensorLayout rows = TensorLayout.of(call.input(0));
    dnnl_memory_desc dy = builder.tensor(dnnl.DNNL_ARG_DIFF_DST, rows);
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC, rows);
    builder.tensor(dnnl.DNNL_ARG_SCALE, perColumn(rows));
    dnnl_memory_desc mean = builder.tensor(dnnl.DNNL_ARG_MEAN, perRow(rows));
    builder.tensor(dnnl.DNNL_ARG_VARIANCE, perRow(rows));
    dnnl_memory_desc dx = builder.tensor(dnnl.DNNL_ARG_DIFF_SRC, rows);
    builder.tensor(dnnl.DNNL_ARG_DIFF_SCALE, perColumn(rows));
    if (bias) {
      builder.tensor(dnnl.DNNL_ARG_DIFF_SHIFT, perColumn(rows));
    }
    dnnl_primitive_desc forward = new dnnl_primitive_desc();
    DnnlStatus.require(
        describe(builder, forward, x, dy, mean, call, bias), "describe layer normalization");
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status =
        dnnl.dnnl_layer_normalization_backward_primitive_desc_create(
            description,
            builder.engine(),
            dnnl.dnnl_backward,
            dx,
            dy,
            x,
            mean,
            (float) call.real(0, 0),
            flags(bias),
            forward,
            builder.attributes());
    dnnl.dnnl_primitive_desc_destroy(forward);
    return builder.build(status, description);
  }

  private static int flags(boolean bias) {
    return dnnl.dnnl_use_scale | (bias ? dnnl.dnnl_use_shift : 0);
  }

  private static TensorLayout perColumn(TensorLayout rows) {
    return TensorLayout.dense(dnnl.dnnl_f32, rows.extent(-1));
  }

  private static TensorLayout perRow(TensorLayout rows) {
    return TensorLayout.dense(dnnl.dnnl_f32, rows.extent(0));
  }
}
