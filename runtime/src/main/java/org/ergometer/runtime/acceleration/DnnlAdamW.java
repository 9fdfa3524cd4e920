package org.ergometer.runtime.acceleration;

import java.util.function.Consumer;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@link org.ergometer.accounting.op.FusedOp#ADAMW}: piece by piece, so that between the moments
 * and the parameters a piece stays in the cache, and memory is read and written once.
 *
 * <p>Whatever changes from step to step, such as the rate, comes as a tensor: the primitives stay.
 */
final class DnnlAdamW implements AcceleratedOp {

  /** Elements of a piece; of four arrays they fill half of a usual second-level cache. */
  private static final int PIECE = 1 << 16;

  private final ThreadLocal<DnnlSession> sessions;
  private final Object firstMoment = new Object();
  private final Object secondMoment = new Object();
  private final Object parameters = new Object();

  DnnlAdamW(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    if (!DnnlKernel.allDense(call) || !sameArrays(call)) {
      return false;
    }
    DnnlSession session = sessions.get();
    long length = call.input(0).length();
    for (long begin = 0; begin < length; begin += PIECE) {
      long end = Math.min(length, begin + PIECE);
      firstMoment(session, call, begin, end - begin);
      secondMoment(session, call, begin, end - begin);
      parameters(session, call, begin, end);
    }
    return true;
  }

  private static boolean sameArrays(OpCall call) {
    boolean same = true;
    for (int index = 0; index < 3; index++) {
      same &= call.output(index).address() == call.input(index + 1).address();
    }
    for (int index = 0; index < 4; index++) {
      same &= call.input(index).length() == call.input(0).length();
    }
    return same;
  }

  private static long at(TensorRef tensor, long element) {
    return tensor.address() + element * Float.BYTES;
  }

  /** m = β1·m + (1 − β1)·scale·g. */
  private void firstMoment(DnnlSession session, OpCall call, long begin, long length) {
    double beta = call.real(2, 0);
    session.signature(firstMoment).with(length);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(sum(session, length));
    }
    long m = at(call.input(1), begin);
    session.bind(primitive, 0, m);
    session.bind(primitive, 1, at(call.input(0), begin));
    session.bind(primitive, 2, m);
    session.bind(primitive, 3, session.number(0, beta));
    session.bind(primitive, 4, session.number(1, (1 - beta) * call.real(0, 1)));
    session.run(primitive);
  }

  /** v = β2·v + (1 − β2)·scale²·g². */
  private void secondMoment(DnnlSession session, OpCall call, long begin, long length) {
    double beta = call.real(3, 0);
    double scale = call.real(0, 1);
    session.signature(secondMoment).with(length).with(beta);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(squares(session, length, (float) beta));
    }
    session.bind(primitive, 0, at(call.input(0), begin));
    session.bind(primitive, 1, at(call.input(0), begin));
    session.bind(primitive, 2, at(call.input(2), begin));
    session.bind(primitive, 3, session.number(2, (1 - beta) * scale));
    session.bind(primitive, 4, session.number(3, scale));
    session.run(primitive);
  }

  /** The parameters of a piece, range by range. */
  private void parameters(DnnlSession session, OpCall call, long begin, long end) {
    long from = begin;
    int bound = 0;
    while (from < end) {
      while (call.integer(bound, Long.MAX_VALUE) <= from) {
        bound++;
      }
      long to = Math.min(end, call.integer(bound, Long.MAX_VALUE));
      parameters(session, call, from, to - from, bound % 2 == 1);
      from = to;
    }
  }

  /** p = keep·p − rate · m / (sqrt(v) + ε), as keep · (1 / (…) · m · (−rate / keep) + p). */
  private void parameters(
      DnnlSession session, OpCall call, long begin, long length, boolean decays) {
    double epsilon = call.real(4, 0);
    session.signature(parameters).with(length).with(epsilon);
    DnnlFunction primitive = session.find();
    if (primitive == null) {
      primitive = session.keep(quotients(session, length, (float) epsilon));
    }
    double keep = decays ? call.real(5, 1) : 1;
    long v = at(call.input(2), begin);
    session.bind(primitive, 0, v);
    session.bind(primitive, 1, v);
    session.bind(primitive, 2, at(call.input(3), begin));
    session.bind(primitive, 3, at(call.input(1), begin));
    session.bind(primitive, 4, session.number(4, -call.real(1, 0) / keep));
    session.bind(primitive, 5, session.number(5, keep));
    session.run(primitive);
  }

  private static DnnlPrimitive sum(DnnlSession session, long length) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      return binary(
          builder,
          dnnl.dnnl_binary_add,
          length,
          added -> added.scaled(dnnl.DNNL_ARG_SRC_0).scaled(dnnl.DNNL_ARG_SRC_1));
    }
  }

  private static DnnlPrimitive squares(DnnlSession session, long length, float beta) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.then(operations -> addPrevious(operations, beta));
      return binary(
          builder,
          dnnl.dnnl_binary_mul,
          length,
          added -> added.scaled(dnnl.DNNL_ARG_SRC_0).scaled(dnnl.DNNL_ARG_SRC_1));
    }
  }

  /** The operations follow on max(v, v), which is v, since they may follow on a primitive only. */
  private static DnnlPrimitive quotients(DnnlSession session, long length, float epsilon) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      TensorLayout all = TensorLayout.dense(dnnl.dnnl_f32, length);
      TensorLayout one = TensorLayout.dense(dnnl.dnnl_f32, 1);
      dnnl_memory_desc m = all.descriptor();
      dnnl_memory_desc number = one.descriptor();
      builder.then(
          operations -> {
            element(operations, dnnl.dnnl_eltwise_sqrt, 0, 0);
            element(operations, dnnl.dnnl_eltwise_linear, 1, epsilon);
            element(operations, dnnl.dnnl_eltwise_pow, 1, -1);
            multiply(operations, m);
            multiply(operations, number);
            addPrevious(operations, 1);
            multiply(operations, number);
          });
      dnnl.dnnl_memory_desc_destroy(m);
      dnnl.dnnl_memory_desc_destroy(number);
      return binary(
          builder,
          dnnl.dnnl_binary_max,
          length,
          added -> {
            added.tensor(operand(3), all);
            added.tensor(operand(4), one);
            added.tensor(operand(6), one);
          });
    }
  }

  /** Name of the operand of the operation at a place of the list. */
  private static int operand(int place) {
    return dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * (place + 1) | dnnl.DNNL_ARG_SRC_1;
  }

  private static DnnlPrimitive binary(
      DnnlPrimitive.Builder builder,
      int algorithm,
      long length,
      Consumer<DnnlPrimitive.Builder> more) {
    TensorLayout layout = TensorLayout.dense(dnnl.dnnl_f32, length);
    builder.evenIfSlow();
    dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC_0, layout);
    dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_SRC_1, layout);
    dnnl_memory_desc z = builder.tensor(dnnl.DNNL_ARG_DST, layout);
    more.accept(builder);
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    int status =
        dnnl.dnnl_binary_primitive_desc_create(
            description, builder.engine(), algorithm, x, y, z, builder.attributes());
    return builder.build(status, description);
  }

  private static void element(dnnl_post_ops operations, int operation, float alpha, float beta) {
    DnnlStatus.require(
        dnnl.dnnl_post_ops_append_eltwise(operations, operation, alpha, beta),
        "append an operation");
  }

  private static void multiply(dnnl_post_ops operations, dnnl_memory_desc with) {
    DnnlStatus.require(
        dnnl.dnnl_post_ops_append_binary(operations, dnnl.dnnl_binary_mul, with),
        "append a product");
  }

  private static void addPrevious(dnnl_post_ops operations, float scale) {
    DnnlStatus.require(
        dnnl.dnnl_post_ops_append_sum(operations, scale, 0, dnnl.dnnl_data_type_undef),
        "append a sum");
  }
}
