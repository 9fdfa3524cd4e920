package org.ergometer.runtime.acceleration;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class KernelFailureTest {

  /** Fails as the library does when memory runs out in the middle of an op. */
  private static final class Failing implements DnnlFunction {

    @Override
    public boolean refused() {
      return false;
    }

    @Override
    public long scratchBytes() {
      return 0;
    }

    @Override
    public void bind(int tensor, Pointer data) {}

    @Override
    public void bindScratch(Pointer scratch) {}

    @Override
    public int execute(dnnl_stream stream) {
      return dnnl.dnnl_out_of_memory;
    }

    @Override
    public void close() {}
  }

  @Test
  void anOpThatFailsHalfWayIsNotHandedToNd4j() {
    assumeThat(OneDnn.obstacle()).as("oneDNN cannot be loaded").isNull();
    dnnl_engine engine = new dnnl_engine();
    DnnlStatus.require(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "make an engine");
    DnnlSession session = new DnnlSession(engine);

    assertThatThrownBy(() -> session.run(new Failing()))
        .isInstanceOf(KernelFailureException.class)
        .hasMessage(
            "oneDNN failed within an op, status 1; free memory, or leave it out with --acceleration off");
  }
}
