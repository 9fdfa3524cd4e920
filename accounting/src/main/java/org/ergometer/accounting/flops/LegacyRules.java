package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/** ND4J's numbered ops except its transforms; names are those of its native library. */
final class LegacyRules {

  private LegacyRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = new ArrayList<>();
    for (OpFamily family : List.of(OpFamily.PAIRWISE, OpFamily.SCALAR, OpFamily.BROADCAST)) {
      rules.addAll(twoOperands(family));
      rules.addAll(copies(family));
    }
    rules.addAll(pairwiseOnly());
    rules.addAll(scalarOnly());
    rules.addAll(reductions());
    rules.addAll(distances());
    rules.addAll(statistics());
    return rules;
  }

  /** What pairs of tensors, a tensor and a number, and a tensor and its rows have in common. */
  private static List<OpRule> twoOperands(OpFamily family) {
    return new RuleList(family, OpClass.ELEMENTWISE)
        .perOutput("x + y", "Add")
        .perOutput("x - y", "Subtract", "ReverseSubtract")
        .perOutput("x * y", "Multiply")
        .perOutput("x / y", "Divide", "ReverseDivide", "TruncateDiv")
        .perOutput("x % y", "Mod", "ReverseMod")
        .perOutput("floor(x / y)", "FloorDiv")
        .perOutput("x - y * floor(x / y)", "FloorMod")
        .perOutput("y == 0 ? 0 : x / y", "SafeDivide", "DivideNoNan")
        .perOutput("d = x - y; d * d", "SquaredSubtract")
        .perOutput("max(x, y)", "MaxPairwise")
        .perOutput("min(x, y)", "MinPairwise")
        .perOutput("max(abs(x), abs(y))", "AMaxPairwise")
        .perOutput("min(abs(x), abs(y))", "AMinPairwise")
        .perOutput("pow(x, y)", "Pow")
        .perOutput("y * pow(x, y - 1)", "PowDerivative")
        .perOutput("atan2(x, y)", "Atan2")
        .perOutput("igamma(x, y)", "IGamma")
        .perOutput("igammac(x, y)", "IGammac")
        .perOutput("x | y", "LogicalOr", "Or")
        .perOutput("x & y", "LogicalAnd", "And")
        .perOutput("xor(x, y)", "LogicalXor", "Xor")
        .perOutput("not(x)", "LogicalNot", "Not")
        .perOutput("x == y", "EqualTo")
        .perOutput("x != y", "NotEqualTo")
        .perOutput("x > y", "GreaterThan")
        .perOutput("x < y", "LessThan")
        .perOutput("x >= y", "GreaterThanOrEqual")
        .perOutput("x <= y", "LessThanOrEqual")
        .perOutput("abs(x - y) < e", "Epsilon")
        .perOutput("x == c", "MatchCondition")
        .rules();
  }

  private static List<OpRule> copies(OpFamily family) {
    return new RuleList(family, OpClass.DATA_MOVEMENT)
        .moves(Touched.LAST_INPUT_ONLY, "a copy over x: no arithmetic", "CopyPws")
        .rules();
  }

  private static List<OpRule> pairwiseOnly() {
    RuleList copies =
        new RuleList(OpFamily.PAIRWISE, OpClass.DATA_MOVEMENT)
            .moves(Touched.LAST_INPUT_ONLY, "a copy over x: no arithmetic", "Copy2");
    RuleList loss =
        new RuleList(OpFamily.PAIRWISE, OpClass.LOSS)
            .perOutput("exp(y) - x * y", "LogPoissonLoss")
            .perOutput(
                "exp(y) - x * y + (x * log(x) - x + 0.5 * log(6.283 * x))", "LogPoissonLossFull");
    List<OpRule> rules =
        new RuleList(OpFamily.PAIRWISE, OpClass.ELEMENTWISE)
            .perOutput("a * x + y", "Axpy")
            .perOutput("x == c ? y : x", "CompareAndSet", "CompareAndReplace")
            .perOutput("isnan(x) ? y : x", "ReplaceNans")
            .perOutput("x % y", "Remainder", "FMod", "TruncateMod")
            .perOutput("abs(x - y) / (abs(x) + abs(y))", "RelativeError")
            .perOutput("abs(x - y) / (abs(x) + abs(y)) > t", "BinaryRelativeError")
            .perOutput(
                "d = abs(x - y); d / (abs(x) + abs(y)) > t & d > a",
                "BinaryMinimumAbsoluteRelativeError")
            .rules();
    rules.addAll(copies.rules());
    rules.addAll(loss.rules());
    return rules;
  }

  private static List<OpRule> scalarOnly() {
    return new RuleList(OpFamily.SCALAR, OpClass.ELEMENTWISE)
        .perOutput("x % y", "Remainder", "FMod", "TruncateMod")
        .perOutput("x >= 0 ? x : a * expm1(x)", "ELU")
        .perOutput("x >= 0 ? 1 : a * exp(x)", "ELUDerivative")
        .perOutput("x < 0 ? a * x : x", "LeakyRELU")
        .perOutput("x < 0 ? a : 1", "LeakyRELUDerivative")
        .perOutput("max(x, c)", "RELU")
        .perOutput("min(max(x, c), 6)", "RELU6")
        .perOutput("x > c ? 1 : 0", "RELUDerivative", "Step")
        .perOutput("isnan(x) ? c : x", "ReplaceNans")
        .perOutput("log(x) / log_c", "LogX")
        .perOutput("x == c ? y : x", "CompareAndSet")
        .perOutput("x * (1 - c) + 0.5 * c", "SXELogitsSmoother")
        .perOutput("min(max(x, -c), c)", "LstmClip")
        .perOutput("d = y - x; d * d", "SquaredReverseSubtract")
        .perOutput("pow(y, x)", "ReversePow")
        .rules();
  }

  /** Every element is folded into a running result: n operations for n elements, not n - 1. */
  private static List<OpRule> reductions() {
    List<OpRule> rules =
        new RuleList(OpFamily.REDUCE, OpClass.REDUCTION)
            .perInput("s + x", "Sum")
            .perInput("s + abs(x)", "ASum", "Norm1")
            .perInput("s * x", "Prod")
            .perInput("max(s, x)", "Max")
            .perInput("min(s, x)", "Min")
            .perInput("max(s, abs(x))", "AMax", "NormMax")
            .perInput("min(s, abs(x))", "AMin")
            .reducing("s + x", "s / n", "Mean")
            .reducing("s + abs(x)", "s / n", "AMean")
            .reducing("s + x * x", "sqrt(s)", "Norm2", "NormFrobenius")
            .reducing("s + pow(abs(x), p)", "pow(s, q)", "NormP")
            .perInput("s + x * x", "SquaredNorm")
            .perInput("s + x * log(x)", "Entropy")
            .reducing("s + x * log(x)", "log(s)", "LogEntropy")
            .reducing("s + x * (log(x) / log_2)", "neg(s)", "ShannonEntropy")
            .perInput("s + (x != 0)", "CountNonZero")
            .perInput("s + (x == 0)", "CountZero")
            .perInput("s + (x == c)", "MatchCondition")
            .perInput("s | (x != 0)", "Any")
            .perInput("s & (x != 0)", "All")
            .perInput("s & isfinite(x)", "IsFinite")
            .perInput("s | isnan(x) | isinf(x)", "IsInfOrNan")
            .perInput("s | isnan(x)", "IsNan")
            .perInput("s | isinf(x)", "IsInf")
            .perInput("s & (x > 0)", "IsPositive")
            .perInput("s & (x < 0)", "IsNegative")
            .perInput("s + x", "ReduceSameBenchmarkOp", "ReduceFloatBenchmarkOp")
            .rules();
    rules.addAll(
        new RuleList(OpFamily.INDEX_REDUCE, OpClass.REDUCTION)
            .perInput("x > s", "IndexMax")
            .perInput("x < s", "IndexMin")
            .perInput("abs(x) > s", "IndexAbsoluteMax")
            .perInput("abs(x) < s", "IndexAbsoluteMin")
            .perInput("x == c", "FirstIndex", "LastIndex")
            .rules());
    return rules;
  }

  private static List<OpRule> distances() {
    List<OpRule> rules = new ArrayList<>();
    rules.add(distance("ManhattanDistance", "s + abs(x - y)", "copy(s)"));
    rules.add(distance("EuclideanDistance", "d = x - y; s + d * d", "sqrt(s)"));
    String cosine = "s + x * y; a + x * x; b + y * y";
    rules.add(distance("CosineSimilarity", cosine, "s / (sqrt(a) * sqrt(b))"));
    rules.add(distance("CosineDistance", cosine, "1 - s / (sqrt(a) * sqrt(b))"));
    rules.add(distance("Dot", "s + x * y", "copy(s)"));
    rules.add(distance("EqualsWithEps", "s + (abs(x - y) > e)", "copy(s)"));
    rules.add(distance("JaccardDistance", "a + min(x, y); b + max(x, y)", "1 - a / b"));
    rules.add(distance("SimpleHammingDistance", "s + (x != y)", "s / n"));
    return rules;
  }

  private static OpRule distance(String name, String perPair, String perResult) {
    long pairFlops = Arithmetic.flops(perPair);
    long resultFlops = Arithmetic.flops(perResult);
    return OpRule.of(
        OpFamily.REDUCE3,
        name,
        OpClass.REDUCTION,
        op ->
            Extent.sum(
                Extent.product(pairFlops, pairs(op)),
                Extent.product(resultFlops, Extent.output(op))),
        perPair + ", per pair of elements; then " + perResult + ", per result");
  }

  /**
   * Pairs of elements that meet: every row of one matrix with every row of the other where the
   * result is a matrix of all of them, else element by element, the shorter operand repeated.
   */
  private static long pairs(OpDescriptor op) {
    TensorSpec x = op.input(0);
    TensorSpec y = op.input(op.inputCount() - 1);
    if (op.outputCount() > 0 && x.rank() == 2 && y.rank() == 2 && op.output(0).rank() == 2) {
      TensorSpec z = op.output(0);
      for (int reduced = 0; reduced < 2; reduced++) {
        int kept = 1 - reduced;
        if (x.size(reduced) == y.size(reduced)
            && z.size(0) == x.size(kept)
            && z.size(1) == y.size(kept)) {
          return Extent.product(z.length(), x.size(reduced));
        }
      }
    }
    return Math.max(x.length(), y.length());
  }

  private static List<OpRule> statistics() {
    return new RuleList(OpFamily.SUMMARY, OpClass.REDUCTION)
        .reducing("m + x; d = x - m; s + d * d", "m / n; s / c", "SummaryStatsVariance")
        .reducing(
            "m + x; d = x - m; s + d * d", "m / n; sqrt(s / c)", "SummaryStatsStandardDeviation")
        .rules();
  }
}
