package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;

/** Custom ops that work element by element, with broadcasting, and their gradients. */
final class ElementwiseRules {

  private ElementwiseRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = pairs();
    rules.addAll(comparisons());
    rules.addAll(single());
    rules.addAll(merges());
    rules.addAll(gradients());
    rules.addAll(biases());
    return rules;
  }

  private static List<OpRule> pairs() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perOutput("x + y", "add")
        .perOutput("x - y", "subtract", "reversesubtract")
        .perOutput("x * y", "multiply")
        .perOutput("x / y", "divide", "realdiv", "reversedivide", "truncatediv")
        .perOutput("x % y", "mod", "reversemod")
        .perOutput("floor(x / y)", "floordiv")
        .perOutput("x - y * floor(x / y)", "floormod")
        .perOutput("y == 0 ? 0 : x / y", "divide_no_nan")
        .perOutput("d = x - y; d * d", "squaredsubtract")
        .perOutput("max(x, y)", "maximum")
        .perOutput("min(x, y)", "minimum")
        .perOutput("pow(x, y)", "Pow")
        .perOutput("atan2(x, y)", "tf_atan2")
        .perOutput("igamma(a, x)", "igamma")
        .perOutput("igammac(a, x)", "igammac")
        .perOutput("betainc(a, b, x)", "betainc")
        .perOutput("zeta(x, q)", "zeta")
        .perOutput("polygamma(n, x)", "polygamma")
        .perOutput("a * x + y", "axpy")
        .rules();
  }

  private static List<OpRule> comparisons() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perOutput("x == y", "equals", "eq_scalar")
        .perOutput("x != y", "not_equals", "neq_scalar")
        .perOutput("x < y", "less", "lt_scalar")
        .perOutput("x <= y", "less_equal", "lte_scalar")
        .perOutput("x > y", "greater", "gt_scalar")
        .perOutput("x >= y", "greater_equal", "gte_scalar")
        .perOutput("x & y", "boolean_and", "bitwise_and")
        .perOutput("x | y", "boolean_or", "bitwise_or")
        .perOutput("xor(x, y)", "boolean_xor", "bitwise_xor")
        .perOutput("not(x)", "boolean_not", "toggle_bits")
        .perOutput("shift(x, n)", "shift_bits", "rshift_bits")
        .perOutput("shift(x, n) | shift(x, m)", "cyclic_shift_bits", "cyclic_rshift_bits")
        .perInput("s + popcount(xor(x, y))", "bits_hamming_distance")
        .perInput("shift(b, n) | (x > t)", "compare_and_bitpack")
        .perInput("x > p", "is_strictly_increasing")
        .perInput("x >= p", "is_non_decreasing")
        .perInput("isnan(x) | isinf(x)", "check_numerics")
        .perInput("x == c", "choose")
        .perOutput("i < n", "sequence_mask")
        .rules();
  }

  private static List<OpRule> single() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perOutput("x * x", "square")
        .perOutput("floor(x)", "Floor")
        .perOutput("rint(x)", "rint")
        .perOutput("log1p(x)", "Log1p")
        .perOutput("lgamma(x)", "lgamma")
        .perOutput("digamma(x)", "digamma")
        .perOutput("min(max(x, a), b)", "clipbyvalue")
        .perOutput("a + i * d", "range", "lin_space")
        .perOutput("min(1, max(0, round((x - a) / s))) * s + a", "fake_quant_with_min_max_vars")
        .perOutput(
            "min(1, max(0, round((x - a) / s))) * s + a",
            "fake_quant_with_min_max_vars_per_channel")
        .perOutput("s + x", "cumsum")
        .perOutput("s * x", "cumprod")
        .perGradient("s + g", "cumsum_bp")
        .perGradient("s * x; t + g * s; t / x", "cumprod_bp")
        .rules();
  }

  private static List<OpRule> merges() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .all(op -> Extent.inputs(op), "s + x, per element of every input", "mergeadd")
        .all(
            op -> Extent.sum(Extent.inputs(op), Extent.output(op)),
            "s + x, per element of every input; s / n, per result",
            "mergeavg")
        .all(
            op -> Extent.inputs(op),
            "max(s, x), per element of every input",
            "mergemax",
            "mergemaxindex")
        .moves(Touched.LAST_INPUT_ONLY, "the gradient is copied to every input", "mergeadd_bp")
        .all(
            op -> Extent.outputs(op),
            "x == m, per element of every input's gradient",
            "mergemax_bp")
        .add(
            "mergeavg_bp",
            op -> Extent.lastInput(op).length(),
            Touched.LAST_INPUT_ONLY,
            "g / n, per element of the incoming gradient")
        .rules();
  }

  private static List<OpRule> gradients() {
    List<OpRule> rules = new ArrayList<>();
    rules.add(gradient(Touched.LAST_INPUT_ONLY, "add_bp", "gx = g; gy = g"));
    rules.add(gradient(Touched.LAST_INPUT_ONLY, "subtract_bp", "gx = g; gy = -g"));
    rules.add(gradient(Touched.LAST_INPUT_ONLY, "reversesubtract_bp", "gx = -g; gy = g"));
    rules.add(gradient("multiply_bp", "gx = g * y; gy = g * x"));
    rules.add(gradient("divide_bp", "gx = g / y; gy = g * (-x / (y * y))"));
    rules.add(gradient("realdiv_bp", "gx = g / y; gy = g * (-x / (y * y))"));
    rules.add(gradient("reversedivide_bp", "gy = g / x; gx = g * (-y / (x * x))"));
    rules.add(gradient("squaredsubtract_bp", "gx = g * (2 * (x - y)); gy = -gx"));
    rules.add(gradient("maximum_bp", "gx = (x >= y) * g; gy = (x <= y) * g"));
    rules.add(gradient("minimum_bp", "gx = (x <= y) * g; gy = (x >= y) * g"));
    rules.add(gradient("Pow_bp", "gx = g * y * pow(x, y - 1); gy = g * pow(x, y) * log(x)"));
    rules.add(gradient("floormod_bp", "gx = g; gy = g * -floor(x / y)"));
    rules.add(gradient(Touched.LAST_INPUT_ONLY, "assign_bp", "gx = 0; gy = g"));
    return rules;
  }

  /**
   * Gradients of both operands, per element of the incoming one; for an operand that had been
   * broadcast, its gradient is also summed, one addition per incoming element.
   */
  private static OpRule gradient(String name, String formula) {
    return gradient(Traffic.EVERY_ELEMENT_ONCE, name, formula);
  }

  private static OpRule gradient(Traffic traffic, String name, String formula) {
    long element = Arithmetic.flops(formula);
    return new OpRule(
        OpFamily.CUSTOM,
        name,
        OpClass.ELEMENTWISE,
        op -> broadcastGradient(op, element),
        traffic,
        formula + ", per element of the incoming gradient; s + g for each broadcast operand");
  }

  private static long broadcastGradient(OpDescriptor op, long perElement) {
    long gradient = Extent.lastInput(op).length();
    long sums = 0;
    for (int output = 0; output < op.outputCount(); output++) {
      sums += op.output(output).length() < gradient ? 1 : 0;
    }
    return Extent.product(gradient, Extent.sum(perElement, sums));
  }

  private static List<OpRule> biases() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perOutput("x + b", "biasadd")
        .add(
            "biasadd_bp",
            op -> Extent.lastInput(op).length(),
            Touched.LAST_INPUT_ONLY,
            "s + g, per element of the incoming gradient")
        .rules();
  }
}
