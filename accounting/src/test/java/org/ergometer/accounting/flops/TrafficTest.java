package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ergometer.accounting.flops.ExecutedOp.custom;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.ergometer.accounting.op.OpFamily;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of float32 tensors, 4 an element. */
class TrafficTest {

  private static final FlopRegistry REGISTRY = FlopRegistry.standard();

  @ParameterizedTest
  @MethodSource("ops")
  void bytesReadAndWritten(ExecutedOp op, long elementsRead, long elementsWritten) {
    OpCost cost = REGISTRY.findOrUnaccounted(op.family(), op.name()).cost(op);

    assertThat(cost.bytesRead()).as("read by %s", op.name()).isEqualTo(4 * elementsRead);
    assertThat(cost.bytesWritten()).as("written by %s", op.name()).isEqualTo(4 * elementsWritten);
  }

  static Stream<Arguments> ops() {
    return Stream.of(
        arguments(custom("matmul").in(3, 4).in(4, 5).out(3, 5), 12 + 20, 15),
        arguments(custom("adam_updater").in(7).in(7).in(7).out(7).out(7).out(7), 21, 21),
        // three rows of nine, and the three indices
        arguments(custom("gather").in(9, 4).in(3).out(3, 4), 12 + 3, 12),
        arguments(custom("embedding_lookup").in(9, 4).in(3).out(3, 4), 12 + 3, 12),
        arguments(custom("strided_slice").in(9, 4).out(2, 4), 8, 8),
        arguments(ExecutedOp.of(OpFamily.MEMORY, "pullRows").in(9, 4).out(3, 4), 12, 12),
        // rows that are added to are read and written; indices and updates are read
        arguments(custom("scatter_add").in(9, 4).in(3).in(3, 4).out(9, 4), 12 + 3 + 12, 12),
        arguments(custom("scatter_upd").in(9, 4).in(3).in(3, 4).out(9, 4), 12 + 3 + 12, 12),
        // in memory of its own the result begins as a copy
        arguments(
            custom("scatter_add").inAt(1, 9, 4).in(3).in(3, 4).outAt(1, 9, 4), 12 + 3 + 12, 12),
        arguments(
            custom("scatter_add").inAt(1, 9, 4).in(3).in(3, 4).outAt(2, 9, 4), 36 + 3 + 12, 36),
        arguments(custom("scatter_nd").in(3, 1).in(3, 4).in(2).out(9, 4), 3 + 12 + 2, 36),
        arguments(custom("assign").in(3, 4).in().out(3, 4), 1, 12),
        // what is overwritten is not read
        arguments(ExecutedOp.of(OpFamily.SCALAR, "CopyPws").in(3, 4).in().out(3, 4), 1, 12),
        arguments(ExecutedOp.of(OpFamily.BROADCAST, "CopyPws").in(3, 4).in(4).out(3, 4), 4, 12),
        // a result that is added to is
        arguments(custom("matmul").in(3, 4).in(4, 5).out(3, 5).reals(1.0, 0.0), 12 + 20, 15),
        arguments(custom("matmul").in(3, 4).in(4, 5).out(3, 5).reals(1.0, 1.0), 12 + 20 + 15, 15),
        // gradients for which the operands give their shapes only
        arguments(custom("add_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 12, 16),
        arguments(custom("biasadd_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 12, 16),
        arguments(custom("concat_bp").in(2, 4).in(3, 4).in(5, 4).out(2, 4).out(3, 4), 20, 20),
        arguments(custom("reduce_sum_bp").in(3, 4).in(3).out(3, 4), 3, 12),
        arguments(custom("reduce_mean_bp").in(3, 4).in(3).out(3, 4), 3, 12),
        arguments(custom("slice_bp").in(9, 4).in(2, 4).out(9, 4), 8, 36),
        arguments(
            custom("avgpool2d_bp").in(1, 1, 4, 4).in(1, 1, 2, 2).out(1, 1, 4, 4).args(2, 2), 4, 16),
        arguments(custom("mod_bp").in(3, 4).in(4).in(3, 4).out(3, 4).out(4), 0, 16),
        arguments(custom("trace").in(2, 3, 4).out(2), 6, 2),
        arguments(custom("fill").in(2).out(3, 4), 0, 12),
        arguments(custom("zeros_as").in(3, 4).out(3, 4), 0, 12),
        arguments(custom("shape_of").in(3, 4).out(2), 0, 2),
        // an operand that is broadcast is read once, however often it is used
        arguments(custom("add").in(3, 4).in(4).out(3, 4), 12 + 4, 12),
        arguments(custom("multiply").in(3, 1).in(1, 4).out(3, 4), 3 + 4, 12),
        arguments(ExecutedOp.of(OpFamily.BROADCAST, "Add").in(3, 4).in(4).out(3, 4), 16, 12),
        arguments(ExecutedOp.of(OpFamily.PAIRWISE, "Add").in(3, 4).in(3, 4).out(3, 4), 24, 12),
        arguments(ExecutedOp.of(OpFamily.SCALAR, "Multiply").in(3, 4).in().out(3, 4), 13, 12),
        arguments(ExecutedOp.of(OpFamily.TRANSFORM, "Exp").in(3, 4).out(3, 4), 12, 12),
        arguments(ExecutedOp.of(OpFamily.REDUCE, "Sum").in(3, 4).out(3), 12, 3),
        arguments(ExecutedOp.of(OpFamily.RANDOM, "UniformDistribution").out(3, 4), 0, 12),
        // ND4J hands it the array that is filled as operands too
        arguments(
            ExecutedOp.of(OpFamily.RANDOM, "GaussianDistribution")
                .inAt(1, 3, 4)
                .inAt(1, 3, 4)
                .outAt(1, 3, 4),
            0,
            12),
        arguments(
            ExecutedOp.of(OpFamily.RANDOM, "GaussianDistribution")
                .inAt(1, 3, 4)
                .inAt(2, 3, 4)
                .outAt(1, 3, 4),
            12,
            12),
        arguments(custom("concat").in(2, 4).in(3, 4).out(5, 4), 8 + 12, 20),
        arguments(custom("stack").in(4).in(4).out(2, 4), 8, 8),
        arguments(custom("split").in(4, 6).out(2, 6).out(2, 6), 24, 24),
        arguments(custom("softmax").in(3, 4).out(3, 4), 12, 12),
        arguments(custom("layer_norm").in(3, 4).in(4).in(4).out(3, 4).args(1), 12 + 8, 12),
        arguments(
            custom("conv2d")
                .in(1, 2, 5, 5)
                .in(3, 3, 2, 4)
                .in(4)
                .out(1, 4, 3, 3)
                .args(3, 3, 1, 1, 0, 0, 1, 1, 0, 0),
            50 + 72 + 4,
            36),
        arguments(custom("noop").in(3, 4).out(3, 4), 0, 0),
        arguments(custom("reshape").in(3, 4).out(12), 12, 12));
  }
}
