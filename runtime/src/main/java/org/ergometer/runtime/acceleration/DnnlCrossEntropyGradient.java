package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link org.ergometer.accounting.op.FusedOp#CROSS_ENTROPY_GRADIENT}: softmax / N in one pass, from
 * which each row's loss is read at its target, then 1/N less there.
 */
final class DnnlCrossEntropyGradient implements AcceleratedOp {

  /** A probability so small that its logarithm is taken from the logits: near 0 floats are few. */
  private static final double SMALL = 1e-30;

  private final ThreadLocal<DnnlSession> sessions;

  DnnlCrossEntropyGradient(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    TensorRef logits = call.input(0);
    TensorRef gradient = call.output(0);
    DnnlSession session = sessions.get();
    session.signature(this).with(logits).with(gradient);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(make(session, logits));
    }
    session.bind(primitive, 0, logits.address());
    session.bind(primitive, 1, gradient.address());
    session.run(primitive);
    finish(logits, call.input(1), gradient, call.output(1));
    return true;
  }

  private static DnnlPrimitive make(DnnlSession session, TensorRef matrix) {
    float weight = 1f / matrix.extent(0);
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.then(
          operations ->
              DnnlStatus.require(
                  dnnl.dnnl_post_ops_append_eltwise(
                      operations, dnnl.dnnl_eltwise_linear, weight, 0),
                  "scale probabilities"));
      return DnnlSoftmax.forward(
          builder.evenIfSlow(), dnnl.dnnl_softmax_accurate, TensorLayout.rows(matrix));
    }
  }

  private static void finish(
      TensorRef logits, TensorRef targets, TensorRef gradient, TensorRef losses) {
    long rows = targets.length();
    float weight = 1f / rows;
    for (long row = 0; row < rows; row++) {
      int target = DnnlCrossEntropy.target(targets, row, gradient);
      long element = DnnlCrossEntropy.element(gradient, row, target);
      float share = HostMemory.real(element);
      double probability = (double) share * rows;
      double loss = probability < SMALL ? loss(logits, row, target) : -Math.log(probability);
      HostMemory.real(losses.address() + row * Float.BYTES, (float) loss);
      HostMemory.real(element, share - weight);
    }
  }

  /** −log p of a row's target, for an improbable one. */
  private static double loss(TensorRef logits, long row, int target) {
    double largest = Double.NEGATIVE_INFINITY;
    for (long column = 0; column < logits.extent(1); column++) {
      largest = Math.max(largest, HostMemory.real(DnnlCrossEntropy.element(logits, row, column)));
    }
    double sum = 0;
    for (long column = 0; column < logits.extent(1); column++) {
      sum += Math.exp(HostMemory.real(DnnlCrossEntropy.element(logits, row, column)) - largest);
    }
    double chosen = HostMemory.real(DnnlCrossEntropy.element(logits, row, target));
    return largest - chosen + Math.log(sum);
  }
}
