package org.ergometer.runtime.training;

import java.util.Objects;
import java.util.function.Predicate;
import org.ergometer.models.transformer.Precision;
import org.ergometer.runtime.acceleration.Acceleration;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.nd4j.linalg.api.buffer.DataType;

/** How a backend multiplies what a precision rounds: with float32 sums, or not at all. */
public sealed interface PrecisionSupport {

  /** Operands go to the product as they are. */
  record Direct() implements PrecisionSupport {}

  /**
   * Operands are rounded and multiplied as float32.
   *
   * @param reason in a clause
   */
  record Widened(String reason) implements PrecisionSupport {}

  /**
   * There is no such product, or only one that takes a thousand times as long.
   *
   * @param reason what is missing, and what to set
   */
  record Refused(String reason) implements PrecisionSupport {}

  /**
   * The products of a policy's type on a backend.
   *
   * @param acceleration whether oneDNN serves the CPU; without it ND4J multiplies 16-bit numbers
   *     one by one
   * @param kernels whether oneDNN has a kernel for a type
   */
  static PrecisionSupport of(
      Precision policy,
      Backend backend,
      Acceleration.Status acceleration,
      Predicate<DataType> kernels) {
    if (!policy.mixed()) {
      return new Direct();
    }
    DataType type = Objects.requireNonNull(policy.productType());
    return switch (backend) {
      case CUDA -> onCuda(policy, type);
      case CPU -> onCpu(policy, type, acceleration, kernels);
    };
  }

  /**
   * ND4J's {@code matmul} hands float16 with float32 sums to cuBLAS ({@code cublasSgemmEx}); its
   * kernel for bfloat16 has a thread for each sum and no matrix units.
   */
  private static PrecisionSupport onCuda(Precision policy, DataType type) {
    return type == DataType.FLOAT16
        ? new Direct()
        : new Refused(
            "precision %s has no fast product in ND4J's CUDA build, which gives cuBLAS float16 alone; set --precision mixed-float16 or float32"
                .formatted(policy.label()));
  }

  private static PrecisionSupport onCpu(
      Precision policy,
      DataType type,
      Acceleration.Status acceleration,
      Predicate<DataType> kernels) {
    if (!(acceleration instanceof Acceleration.Status.On on)) {
      String why =
          acceleration instanceof Acceleration.Status.Unavailable unavailable
              ? unavailable.reason()
              : "switched off";
      return new Refused(
          "precision %s needs oneDNN's products, which cannot be had here (%s); set --precision float32"
              .formatted(policy.label(), why));
    }
    return kernels.test(type)
        ? new Direct()
        : new Widened(
            "%s has no product of %s on this processor"
                .formatted(on.library(), policy.productLabel()));
  }
}
