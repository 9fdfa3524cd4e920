package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link org.ergometer.accounting.op.FusedOp#CROSS_ENTROPY_GRADIENT}: exp(log p) / N everywhere,
 * then 1/N less at each row's target.
 */
final class DnnlCrossEntropyGradient implements AcceleratedOp {

  private final ThreadLocal<DnnlSession> sessions;

  DnnlCrossEntropyGradient(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    TensorRef logProbabilities = call.input(0);
    TensorRef targets = call.input(1);
    TensorRef gradient = call.output(0);
    DnnlSession session = sessions.get();
    session.signature(this).with(logProbabilities).with(gradient);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(make(session, logProbabilities));
    }
    session.bind(primitive, 0, logProbabilities.address());
    session.bind(primitive, 1, logProbabilities.address());
    session.bind(primitive, 2, gradient.address());
    if (!session.run(primitive)) {
      return false;
    }
    subtract(gradient, targets);
    return true;
  }

  /**
   * exp(x) / N in one pass: the operations follow on min(x, x), which is x, since they may follow
   * on a binary primitive only.
   */
  private static DnnlPrimitive make(DnnlSession session, TensorRef matrix) {
    TensorLayout layout = TensorLayout.dense(dnnl.dnnl_f32, matrix.length());
    float weight = 1f / matrix.extent(0);
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC_0, layout);
      dnnl_memory_desc again = builder.tensor(dnnl.DNNL_ARG_SRC_1, layout);
      dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, layout);
      builder.then(
          operations -> {
            append(operations, dnnl.dnnl_eltwise_exp, 0);
            append(operations, dnnl.dnnl_eltwise_linear, weight);
          });
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status =
          dnnl.dnnl_binary_primitive_desc_create(
              description,
              builder.engine(),
              dnnl.dnnl_binary_min,
              x,
              again,
              y,
              builder.attributes());
      return builder.build(status, description);
    }
  }

  private static void append(dnnl_post_ops operations, int operation, float alpha) {
    DnnlStatus.require(
        dnnl.dnnl_post_ops_append_eltwise(operations, operation, alpha, 0), "append an operation");
  }

  private static void subtract(TensorRef gradient, TensorRef targets) {
    long rows = targets.length();
    float weight = 1f / rows;
    for (long row = 0; row < rows; row++) {
      int target = DnnlCrossEntropy.target(targets, row, gradient);
      long element = DnnlCrossEntropy.element(gradient, row, target);
      HostMemory.real(element, HostMemory.real(element) - weight);
    }
  }
}
