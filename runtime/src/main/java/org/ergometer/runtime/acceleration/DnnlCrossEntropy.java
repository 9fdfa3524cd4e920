package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link org.ergometer.accounting.op.FusedOp#CROSS_ENTROPY}: the logarithms of softmax, of which
 * each row's target is then picked.
 */
final class DnnlCrossEntropy implements AcceleratedOp {

  private final ThreadLocal<DnnlSession> sessions;

  DnnlCrossEntropy(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    TensorRef logits = call.input(0);
    TensorRef targets = call.input(1);
    TensorRef logProbabilities = call.output(0);
    TensorRef losses = call.output(1);
    DnnlSession session = sessions.get();
    session.signature(this).with(logits).with(logProbabilities);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(make(session, logits));
    }
    session.bind(primitive, 0, logits.address());
    session.bind(primitive, 1, logProbabilities.address());
    session.run(primitive);
    pick(logProbabilities, targets, losses);
    return true;
  }

  private static DnnlPrimitive make(DnnlSession session, TensorRef logits) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      return DnnlSoftmax.forward(
          builder.evenIfSlow(), dnnl.dnnl_softmax_log, TensorLayout.rows(logits));
    }
  }

  private static void pick(TensorRef logProbabilities, TensorRef targets, TensorRef losses) {
    long rows = targets.length();
    for (long row = 0; row < rows; row++) {
      float picked =
          HostMemory.real(element(logProbabilities, row, target(targets, row, logProbabilities)));
      HostMemory.real(losses.address() + row * Float.BYTES, -picked);
    }
  }

  /** Address of an element of a dense matrix. */
  static long element(TensorRef matrix, long row, long column) {
    return matrix.address() + (row * matrix.extent(1) + column) * Float.BYTES;
  }

  /** A row's target, which must be a column of the matrix. */
  static int target(TensorRef targets, long row, TensorRef matrix) {
    int target = HostMemory.integer(targets.address() + row * Integer.BYTES);
    if (target < 0 || target >= matrix.extent(1)) {
      throw new IllegalArgumentException(
          "target must be at least 0 and below the vocabulary of %s, got %s in row %s; check the token ids"
              .formatted(matrix.extent(1), target, row));
    }
    return target;
  }
}
