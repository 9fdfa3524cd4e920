package org.ergometer.runtime.acceleration;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;

/**
 * {@link org.ergometer.accounting.op.FusedOp#CAUSAL_SOFTMAX}: adds a mask of zeros and minus
 * infinities to all matrices at once and scales them, then takes the softmax of their rows where
 * they lie.
 */
final class DnnlCausalSoftmax implements AcceleratedOp {

  /** More than the blocks of a step have; texts of ever new lengths must not fill the memory. */
  private static final int MOST_MASKS = 64;

  private final ThreadLocal<DnnlSession> sessions;
  private final ThreadLocal<Masks> masks = ThreadLocal.withInitial(Masks::new);
  private final Object masking = new Object();
  private final Object normalizing = new Object();

  DnnlCausalSoftmax(ThreadLocal<DnnlSession> sessions) {
    this.sessions = sessions;
  }

  @Override
  public boolean execute(OpCall call) {
    TensorRef x = call.input(0);
    TensorRef y = call.output(0);
    if (!DnnlKernel.allDense(call) || x.rank() < 2) {
      return false;
    }
    long queries = x.extent(x.rank() - 2);
    long keys = x.extent(x.rank() - 1);
    DnnlSession session = sessions.get();

    session.signature(masking).with(call);
    DnnlFunction mask = session.find();
    if (mask == null) {
      mask =
          session.keep(
              mask(
                  session, x.length() / (queries * keys), queries * keys, (float) call.real(0, 1)));
    }
    session.bind(mask, 0, x.address());
    session.bind(mask, 1, maskOf(queries, keys).address());
    session.bind(mask, 2, y.address());
    session.run(mask);

    session.signature(normalizing).with(call);
    DnnlFunction softmax = session.find();
    if (softmax == null) {
      softmax = session.keep(softmax(session, TensorLayout.rows(y)));
    }
    session.bind(softmax, 0, y.address());
    session.bind(softmax, 1, y.address());
    session.run(softmax);
    return true;
  }

  private static DnnlPrimitive mask(
      DnnlSession session, long matrices, long elements, float scale) {
    TensorLayout all = TensorLayout.dense(dnnl.dnnl_f32, matrices, elements);
    TensorLayout one = TensorLayout.dense(dnnl.dnnl_f32, 1, elements);
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      builder.evenIfSlow();
      dnnl_memory_desc x = builder.tensor(dnnl.DNNL_ARG_SRC_0, all);
      dnnl_memory_desc mask = builder.tensor(dnnl.DNNL_ARG_SRC_1, one);
      dnnl_memory_desc y = builder.tensor(dnnl.DNNL_ARG_DST, all);
      // After the mask, which is 0 or minus infinity, so that it does not matter.
      builder.then(
          operations ->
              DnnlStatus.require(
                  dnnl.dnnl_post_ops_append_eltwise(operations, dnnl.dnnl_eltwise_linear, scale, 0),
                  "scale scores"));
      dnnl_primitive_desc description = new dnnl_primitive_desc();
      int status =
          dnnl.dnnl_binary_primitive_desc_create(
              description,
              builder.engine(),
              dnnl.dnnl_binary_add,
              x,
              mask,
              y,
              builder.attributes());
      return builder.build(status, description);
    }
  }

  private static DnnlPrimitive softmax(DnnlSession session, TensorLayout rows) {
    try (DnnlPrimitive.Builder builder = new DnnlPrimitive.Builder(session.engine())) {
      return DnnlSoftmax.forward(builder.evenIfSlow(), dnnl.dnnl_softmax_accurate, rows);
    }
  }

  /** The mask for a size, kept for each thread. */
  private FloatPointer maskOf(long queries, long keys) {
    return masks.get().computeIfAbsent(queries << 32 | keys, size -> create(queries, keys));
  }

  /** Masks by their size; the least recently used go first. */
  private static final class Masks extends LinkedHashMap<Long, FloatPointer> {

    private static final long serialVersionUID = 1;

    Masks() {
      super(MOST_MASKS, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, FloatPointer> eldest) {
      boolean full = size() > MOST_MASKS;
      if (full) {
        eldest.getValue().deallocate();
      }
      return full;
    }
  }

  private static FloatPointer create(long queries, long keys) {
    FloatPointer mask = new FloatPointer(queries * keys);
    for (long query = 0; query < queries; query++) {
      for (long key = 0; key < keys; key++) {
        boolean visible = key - query <= keys - queries;
        mask.put(query * keys + key, visible ? 0 : Float.NEGATIVE_INFINITY);
      }
    }
    return mask;
  }
}
