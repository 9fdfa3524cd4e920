package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.FusedOp;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;

/**
 * The ops that a faster backend offers in place of several: what those several are worth.
 *
 * <p>A gradient takes what the forward pass computed as given, the standard score {@code y} for
 * example; that a kernel may compute it again instead of reading it does not count.
 */
final class FusedRules {

  private FusedRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = layerNorm();
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
            .perOutput("x / (1 + exp(s * (x + a * (x * x * x))))", FusedOp.GELU.label())
            .perOutput(
                "d = 1 / e; r = y - y * d; g * (d + s * r + c * (r * (x * x)))",
                FusedOp.GELU_GRADIENT.label())
            .perOutput("a * c + b * s", FusedOp.ROTATION.label())
            .perOutput("x / (1 + exp(m * x))", FusedOp.SILU.label())
            .perOutput("g * (y + s - y * s)", FusedOp.SILU_GRADIENT.label())
            .rules());
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.SOFTMAX)
            .perOutput(
                "x * c + mask; m = max(m, x); e = exp(x - m); s + e; e / s",
                FusedOp.CAUSAL_SOFTMAX.label())
            .perOutput("t + g * y; y * (g - t)", FusedOp.SOFTMAX_GRADIENT.label())
            .rules());
    rules.addAll(crossEntropy());
    rules.addAll(adamW());
    return rules;
  }

  private static List<OpRule> layerNorm() {
    String element = "m + x; c = x - m; v + c * c; y = c * s; y * gain";
    String row = "m / n; v / n; s = 1 / sqrt(v + e)";
    String gradient =
        "p = g * y; k + p; q = p * gain; b + q; d = g * gain; a + d; (d - a - y * b) * s";
    String gradientRow = "a / n; b / n";
    long perElement = Arithmetic.flops(element);
    long perRow = Arithmetic.flops(row);
    long bias = Arithmetic.flops("y + bias");
    long gradientPerElement = Arithmetic.flops(gradient);
    long gradientPerRow = Arithmetic.flops(gradientRow);
    long biasGradient = Arithmetic.flops("h + g");
    return new RuleList(OpFamily.CUSTOM, OpClass.NORMALIZATION)
        .all(
            op ->
                Extent.sum(
                    Extent.product(
                        perElement + (op.inputCount() > 2 ? bias : 0), Extent.input(op, 0)),
                    Extent.product(perRow, Extent.rows(op, op.input(0)))),
            element + " (+ bias), per element; " + row + ", per row",
            FusedOp.LAYER_NORM.label())
        .all(
            op ->
                Extent.sum(
                    Extent.product(
                        gradientPerElement + (op.outputCount() > 2 ? biasGradient : 0),
                        Extent.input(op, 0)),
                    Extent.product(gradientPerRow, Extent.rows(op, op.input(0)))),
            gradient + " (h + g with a bias), per element; " + gradientRow + ", per row",
            FusedOp.LAYER_NORM_GRADIENT.label())
        .rules();
  }

  /** As many as ND4J's updater, the decay, the subtraction and, where it clips, the product. */
  private static List<OpRule> adamW() {
    String element = "v = b * v + c * c * d; m = a * m + c * e; u = (m * r) / (sqrt(v) + f); p - u";
    String scaling = "c = g * s";
    String decay = "u + w * p";
    long perElement = Arithmetic.flops(element);
    long perScaled = Arithmetic.flops(scaling);
    long perDecayed = Arithmetic.flops(decay);
    return new RuleList(OpFamily.CUSTOM, OpClass.UPDATER)
        .all(
            op ->
                Extent.sum(
                    Extent.product(perElement + (scaled(op) ? perScaled : 0), Extent.input(op, 0)),
                    Extent.product(perDecayed, decayed(op))),
            element + ", per element; " + scaling + " unless s = 1; " + decay + " where it decays",
            FusedOp.ADAMW.label())
        .rules();
  }

  private static boolean scaled(OpDescriptor op) {
    return op.realArgumentCount() > 0 && op.realArgument(0) != 1;
  }

  /** Elements between the pairs of bounds. */
  private static long decayed(OpDescriptor op) {
    long elements = 0;
    for (int index = 0; index + 1 < op.integerArgumentCount(); index += 2) {
      elements += op.integerArgument(index + 1) - op.integerArgument(index);
    }
    return elements;
  }

  private static List<OpRule> crossEntropy() {
    String element = "m = max(m, x); d = x - m; s + exp(d); d - l";
    String gradient = "m = max(m, x); e = exp(x - m); s + e; e / s * w";
    long perElement = Arithmetic.flops(element);
    long gradientPerElement = Arithmetic.flops(gradient);
    return new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
        .all(
            op ->
                Extent.sum(
                    Extent.product(perElement, Extent.input(op, 0)),
                    Extent.product(Arithmetic.flops("log(s)"), Extent.input(op, 1))),
            element + ", per element; log(s), per row",
            FusedOp.CROSS_ENTROPY.label())
        .all(
            op ->
                Extent.sum(
                    Extent.product(gradientPerElement, Extent.input(op, 0)),
                    Extent.product(Arithmetic.flops("log(p * n); p - w"), Extent.input(op, 1))),
            gradient + ", per element; log(p * n) and p - w, per row",
            FusedOp.CROSS_ENTROPY_GRADIENT.label())
        .rules();
  }
}
