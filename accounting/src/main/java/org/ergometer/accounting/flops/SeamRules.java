package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * Work outside ND4J's lists of ops: BLAS routines by name without the letter of their type, and
 * native calls that move or combine tensors.
 */
final class SeamRules {

  private SeamRules() {}

  static List<OpRule> all() {
    List<OpRule> rules =
        new RuleList(OpFamily.BLAS, OpClass.REDUCTION)
            .perInput("s + x * y", "dot")
            .perInput("s + abs(x)", "asum")
            .all(
                op -> Extent.sum(Extent.product(2, Extent.input(op, 0)), 1),
                "s + x * x, per element; sqrt(s)",
                "nrm2")
            .perInput("abs(x) > s", "amax", "iamax")
            .rules();
    rules.addAll(
        new RuleList(OpFamily.BLAS, OpClass.ELEMENTWISE)
            .perInput("a * x + y", "axpy")
            .perInput("a * x", "scal")
            .rules());
    rules.addAll(
        new RuleList(OpFamily.BLAS, OpClass.DATA_MOVEMENT)
            .moves("a copy: no arithmetic", "copy", "swap")
            .rules());
    rules.addAll(
        new RuleList(OpFamily.MEMORY, OpClass.REDUCTION)
            .all(
                op -> Extent.sum(Extent.inputs(op), Extent.output(op)),
                "s + x, per element of every input; s / n, per result",
                "average")
            .all(op -> Extent.inputs(op), "s + x, per element of every input", "accumulate")
            .all(
                op -> Extent.input(op, 1),
                "x + u or another of +, -, *, /, per element of the rows' updates",
                "scatterUpdate")
            .rules());
    rules.addAll(
        new RuleList(OpFamily.MEMORY, OpClass.DATA_MOVEMENT)
            .moves(Touched.OUTPUT_OF_FIRST_INPUT, "rows copied: no arithmetic", "pullRows")
            .rules());
    return rules;
  }
}
