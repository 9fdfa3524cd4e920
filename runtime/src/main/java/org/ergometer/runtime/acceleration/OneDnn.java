package org.ergometer.runtime.acceleration;

import static java.util.Map.entry;

import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.ergometer.accounting.op.FusedOp;
import org.jspecify.annotations.Nullable;

/** oneDNN on the CPU. */
final class OneDnn implements KernelLibrary {

  private final dnnl_engine engine;
  private final ThreadLocal<DnnlSession> sessions;
  private final String description;

  private OneDnn() {
    engine = new dnnl_engine();
    DnnlStatus.require(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "make an engine");
    sessions = ThreadLocal.withInitial(() -> new DnnlSession(engine));
    dnnl_version_t version = dnnl.dnnl_version();
    description = "oneDNN %s.%s.%s".formatted(version.major(), version.minor(), version.patch());
  }

  /** Loaded once, when it is first asked for. */
  private static final class Loaded {
    private static final @Nullable OneDnn LIBRARY;
    private static final @Nullable String OBSTACLE;

    static {
      OneDnn library = null;
      String obstacle = null;
      try {
        library = new OneDnn();
      } catch (LinkageError | RuntimeException e) {
        // A platform that the library is not made for says so in either way.
        obstacle = "oneDNN's library cannot be loaded on this machine";
      }
      LIBRARY = library;
      OBSTACLE = obstacle;
    }
  }

  /** Why the library cannot be used on this machine; null if it can. */
  static @Nullable String obstacle() {
    return Loaded.OBSTACLE;
  }

  /**
   * The library.
   *
   * @throws IllegalStateException if it cannot be loaded
   */
  static OneDnn library() {
    OneDnn library = Loaded.LIBRARY;
    if (library == null) {
      throw new IllegalStateException("oneDNN cannot be loaded: " + Loaded.OBSTACLE);
    }
    return library;
  }

  /** Whether there is a kernel for products of a type of the library with sums in float32. */
  boolean multiplies(int type) {
    return DnnlMatmul.multiplies(sessions.get(), type);
  }

  @Override
  public String describe() {
    return description;
  }

  @Override
  public Map<String, AcceleratedOp> ops() {
    return Map.of(
        "gather", new RowGather(),
        "scatter_add", new RowScatterAdd(),
        "matmul", new DnnlMatmul(sessions),
        "add", new DnnlBinary(sessions, dnnl.dnnl_binary_add),
        "subtract", new DnnlBinary(sessions, dnnl.dnnl_binary_sub),
        "multiply", new DnnlBinary(sessions, dnnl.dnnl_binary_mul),
        "divide", new DnnlBinary(sessions, dnnl.dnnl_binary_div),
        "softmax", DnnlSoftmax.plain(sessions),
        "log_softmax", DnnlSoftmax.logarithmic(sessions),
        "reduce_norm2", new DnnlNorm(sessions));
  }

  @Override
  public Map<FusedOp, AcceleratedOp> fusedOps() {
    return Map.ofEntries(
        entry(FusedOp.LAYER_NORM, new DnnlLayerNorm(sessions, false)),
        entry(FusedOp.LAYER_NORM_GRADIENT, new DnnlLayerNorm(sessions, true)),
        entry(FusedOp.GELU, activation(dnnl.dnnl_eltwise_gelu_tanh, false)),
        entry(FusedOp.GELU_GRADIENT, activation(dnnl.dnnl_eltwise_gelu_tanh, true)),
        entry(FusedOp.SILU, activation(dnnl.dnnl_eltwise_swish, false)),
        entry(FusedOp.SILU_GRADIENT, activation(dnnl.dnnl_eltwise_swish, true)),
        entry(FusedOp.ROTATION, new Rotation()),
        entry(FusedOp.CAUSAL_SOFTMAX, new DnnlCausalSoftmax(sessions)),
        entry(FusedOp.SOFTMAX_GRADIENT, new DnnlSoftmaxGradient(sessions)),
        entry(FusedOp.CROSS_ENTROPY, new DnnlCrossEntropy(sessions)),
        entry(FusedOp.CROSS_ENTROPY_GRADIENT, new DnnlCrossEntropyGradient(sessions)),
        entry(FusedOp.ADAMW, new DnnlAdamW(sessions)));
  }

  private AcceleratedOp activation(int algorithm, boolean gradient) {
    return new DnnlActivation(sessions, algorithm, gradient);
  }
}
