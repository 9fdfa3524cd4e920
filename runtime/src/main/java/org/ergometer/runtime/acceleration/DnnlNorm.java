package org.ergometer.runtime.acceleration;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * ND4J's {@code reduce_norm2} of all elements of a dense vector: each of many pieces multiplied
 * with itself, as a batch of products, and the few results added up in double.
 */
final class DnnlNorm implements AcceleratedOp {

  /** Elements of a piece. */
  private static final int PIECE = 1 << 14;

  private final ThreadLocal<DnnlSession> sessions;

  DnnlNorm(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    if (call.inputCount() != 1 || call.outputCount() != 1 || !DnnlKernel.allDense(call)) {
      return false;
    }
    TensorRef x = call.input(0);
    if (x.rank() != 1 || call.output(0).length() != 1 || call.integer(0, 0) > 0) {
      return false;
    }
    DnnlSession session = sessions.get();
    long pieces = x.length() / PIECE;
    long rest = x.length() % PIECE;
    double sum = pieces == 0 ? 0 : squares(session, x.address(), pieces, PIECE);
    sum += rest == 0 ? 0 : squares(session, x.address() + pieces * PIECE * Float.BYTES, 1, rest);
    HostMemory.real(call.output(0).address(), (float) Math.sqrt(sum));
    return true;
  }

  /** Sum of the squares of all elements of pieces of one length. */
  private double squares(DnnlSession session, long address, long pieces, long length) {
    session.signature(this).with(pieces).with(length);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(make(session, pieces, length));
    }
    long results = session.results(pieces);
    session.bind(primitive, 0, address);
    session.bind(primitive, 1, address);
    session.bind(primitive, 2, results);
    session.run(primitive);
    double sum = 0;
    for (long piece = 0; piece < pieces; piece++) {
      sum += HostMemory.real(results + piece * Float.BYTES);
    }
    return sum;
  }

  private static DnnlPrimitive make(DnnlSession session, long pieces, long length) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      dnnl_memory_desc row =
          builder.tensor(dnnl.DNNL_ARG_SRC, TensorLayout.dense(dnnl.dnnl_f32, pieces, 1, length));
      dnnl_memory_desc column =
          builder.tensor(
              dnnl.DNNL_ARG_WEIGHTS, TensorLayout.dense(dnnl.dnnl_f32, pieces, length, 1));
      dnnl_memory_desc result =
          builder.tensor(dnnl.DNNL_ARG_DST, TensorLayout.dense(dnnl.dnnl_f32, pieces, 1, 1));
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status =
          dnnl.dnnl_matmul_primitive_desc_create(
              description, builder.engine(), row, column, null, result, builder.attributes());
      return builder.build(status, description);
    }
  }
}
