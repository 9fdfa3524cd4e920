package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class PrecisionSupportTest {

  private static final Acceleration.Status ON = new Acceleration.Status.On("oneDNN 3.11.0");
  private static final Acceleration.Status NONE = new Acceleration.Status.Unavailable("no build");

  @Test
  void cudaHandsFloat16ToCublasWhateverTheCpuHas() {
    assertThat(of(Precision.MIXED_FLOAT16, Backend.CUDA, NONE))
        .isInstanceOf(PrecisionSupport.Direct.class);
  }

  @Test
  void cudaHasNoFastProductOfBfloat16() {
    assertThat(of(Precision.MIXED_BFLOAT16, Backend.CUDA, ON))
        .isEqualTo(
            new PrecisionSupport.Refused(
                "precision mixed-bfloat16 has no fast product in ND4J's CUDA build, which gives cuBLAS float16 alone; set --precision mixed-float16 or float32"));
  }

  /** A processor that computes in bfloat16 and not in float16. */
  @Test
  void theCpuTakesTheLibrarysKernelsAndWidensTheRest() {
    assertThat(of(Precision.MIXED_BFLOAT16, Backend.CPU, ON))
        .isInstanceOf(PrecisionSupport.Direct.class);
    assertThat(of(Precision.MIXED_FLOAT16, Backend.CPU, ON))
        .isEqualTo(
            new PrecisionSupport.Widened(
                "oneDNN 3.11.0 has no product of float16 on this processor"));
  }

  @Test
  void isRefusedWhereNd4jWouldMultiply() {
    for (Acceleration.Status status :
        new Acceleration.Status[] {NONE, new Acceleration.Status.SwitchedOff()}) {
      for (Precision policy : Precision.all()) {
        assertThat(of(policy, Backend.CPU, status) instanceof PrecisionSupport.Refused)
            .isEqualTo(policy.mixed());
      }
    }
  }

  private static PrecisionSupport of(
      Precision policy, Backend backend, Acceleration.Status acceleration) {
    return PrecisionSupport.of(policy, backend, acceleration, type -> type == DataType.BFLOAT16);
  }
}
