package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/** The rules of ND4J's own ops. */
final class StandardRules {

  private StandardRules() {}

  static List<OpRule> all() {
    return List.of(
        OpRule.of(
            OpFamily.CUSTOM,
            "matmul",
            OpClass.MATMUL,
            StandardRules::matmul,
            "2·m·k·n per product: each of m·n outputs takes k multiplies and k adds"));
  }

  /** Integer arguments: transpose x, transpose y, transpose z. */
  private static long matmul(OpDescriptor op) {
    TensorSpec x = op.input(0);
    boolean transposed = op.integerArgumentCount() > 0 && op.integerArgument(0) != 0;
    long inner = x.rank() < 2 || !transposed ? x.size(-1) : x.size(-2);
    return Math.multiplyExact(2, Math.multiplyExact(inner, op.output(0).length()));
  }
}
