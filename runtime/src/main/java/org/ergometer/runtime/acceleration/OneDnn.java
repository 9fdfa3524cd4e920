package org.ergometer.runtime.acceleration;

import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
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
    description = "oneDNN %d.%d.%d".formatted(version.major(), version.minor(), version.patch());
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
        obstacle = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
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

  @Override
  public String describe() {
    return description;
  }

  @Override
  public Map<String, AcceleratedOp> ops() {
    return Map.of("matmul", new DnnlMatmul(sessions));
  }
}
