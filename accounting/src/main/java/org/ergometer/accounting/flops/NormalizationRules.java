package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/** Softmax, layer and batch normalization, with their gradients. */
final class NormalizationRules {

  /** Mean and variance in two passes, then the standard score. */
  private static final String STANDARDIZE = "m + x; c = x - m; v + c * c; y = (x - m) / s";

  private static final String STANDARDIZE_ROW = "m / n; s = sqrt(v / n) + e";

  private static final String STANDARDIZE_GRADIENT = "a + g; b + g * y; (g - a - y * b) / s";

  private static final String STANDARDIZE_GRADIENT_ROW = "a / n; b / n";

  private static final String FUSED_BATCH_NORM = "(x - m) * k + offset";
  private static final String FUSED_BATCH_NORM_CHANNEL = "k = gain * (1 / sqrt(v + e))";
  private static final String MOMENTS = "m + x; c = x - m; v + c * c";
  private static final String MOMENTS_CHANNEL = "m / n; v / n; v * u";

  private static final long FUSED = Arithmetic.flops(FUSED_BATCH_NORM);
  private static final long FUSED_CHANNEL = Arithmetic.flops(FUSED_BATCH_NORM_CHANNEL);
  private static final long OF_MOMENTS = Arithmetic.flops(MOMENTS);
  private static final long OF_MOMENTS_CHANNEL = Arithmetic.flops(MOMENTS_CHANNEL);

  private NormalizationRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = softmax();
    rules.addAll(layerNorm());
    rules.addAll(batchNorm());
    return rules;
  }

  private static List<OpRule> softmax() {
    return new RuleList(OpFamily.CUSTOM, OpClass.SOFTMAX)
        .perOutput("m = max(m, x); e = exp(x - m); s + e; e / s", "softmax")
        .perGradient(
            "m = max(m, x); e = exp(x - m); s + e; y = e / s; t + g * y; y * (g - t)", "softmax_bp")
        .all(
            rowwise("m = max(m, x); d = x - m; s + exp(d); d - l", "l = log(s)"),
            "m = max(m, x); d = x - m; s + exp(d); d - l, per element; l = log(s), per row",
            "log_softmax")
        .perGradient(
            "m = max(m, x); e = exp(x - m); s + e; y = e / s; t + g; g - y * t", "log_softmax_bp")
        .rules();
  }

  private static FlopFormula rowwise(String perElement, String perRow) {
    long element = Arithmetic.flops(perElement);
    long row = Arithmetic.flops(perRow);
    return op ->
        Extent.sum(
            Extent.product(element, Extent.output(op)),
            Extent.product(row, Extent.rows(op, op.input(0))));
  }

  private static List<OpRule> layerNorm() {
    long element = Arithmetic.flops(STANDARDIZE);
    long row = Arithmetic.flops(STANDARDIZE_ROW);
    long gradientElement = element + Arithmetic.flops(STANDARDIZE_GRADIENT);
    long gradientRow = row + Arithmetic.flops(STANDARDIZE_GRADIENT_ROW);
    long gain = Arithmetic.flops("y * gain");
    long bias = Arithmetic.flops("y + bias");
    long gainGradient = Arithmetic.flops("k + g * y; g * gain");
    long biasGradient = Arithmetic.flops("h + g");
    return new RuleList(OpFamily.CUSTOM, OpClass.NORMALIZATION)
        .all(
            op -> standardized(op, element, row),
            STANDARDIZE + ", per element; " + STANDARDIZE_ROW + ", per row",
            "standardize")
        .all(
            op -> standardized(op, gradientElement, gradientRow),
            "standardize again; then " + STANDARDIZE_GRADIENT + ", per element",
            "standardize_bp")
        .all(
            op -> standardized(op, element + gain + (op.inputCount() > 2 ? bias : 0), row),
            "standardize; then y * gain + bias, per element",
            "layer_norm")
        .all(
            op ->
                standardized(
                    op,
                    gradientElement + gainGradient + (op.inputCount() > 3 ? biasGradient : 0),
                    gradientRow),
            "standardize again; h + g; k + g * y; g * gain; then standardize_bp, per element",
            "layer_norm_bp")
        .rules();
  }

  /** The integer arguments are the dimensions along which a row lies. */
  private static long standardized(OpDescriptor op, long perElement, long perRow) {
    TensorSpec x = op.input(0);
    long rows = Extent.quotient(x.length(), Extent.reduced(op, x, 0));
    return Extent.sum(Extent.product(perElement, x.length()), Extent.product(perRow, rows));
  }

  private static List<OpRule> batchNorm() {
    return new RuleList(OpFamily.CUSTOM, OpClass.NORMALIZATION)
        .all(
            NormalizationRules::batchNorm,
            "(x - m) * k + offset, per element; k = gain * (1 / sqrt(v + e)), per channel",
            "batchnorm")
        .all(
            NormalizationRules::batchNormBackward,
            "y = (x - m) * k; a + g; b + g * y; c * (g - a - y * b), per element;"
                + " k = 1 / sqrt(v + e); c = gain * k; a / n; b / n, per channel",
            "batchnorm_bp")
        .all(
            NormalizationRules::fusedBatchNorm,
            FUSED_BATCH_NORM
                + ", per element; "
                + FUSED_BATCH_NORM_CHANNEL
                + ", per channel; in training also "
                + MOMENTS
                + ", and "
                + MOMENTS_CHANNEL,
            "fused_batch_norm")
        .perOutput("s = s + x * x - y * y; x / pow(b + a * s, p)", "lrn")
        .perGradient(
            "s = s + x * x - y * y; u = b + a * s; f = pow(u, q); t = t + x * f - y * h;"
                + " g * (f * u - c * x * t)",
            "lrn_bp")
        .rules();
  }

  /** Inputs: x, mean, variance, then gain if the first flag is set, offset if the second is. */
  private static long batchNorm(OpDescriptor op) {
    boolean gain = Extent.argument(op, 0, 0) != 0;
    boolean offset = Extent.argument(op, 1, 0) != 0;
    long channels = op.input(1).length();
    return Extent.sum(
        Extent.product(offset ? 3 : 2, op.input(0).length()),
        Extent.product(gain ? 4 : 3, channels));
  }

  /** Inputs: x, gain, offset, …; the second integer argument says whether in training. */
  private static long fusedBatchNorm(OpDescriptor op) {
    boolean training = Extent.argument(op, 1, 0) != 0;
    return Extent.sum(
        Extent.product(FUSED + (training ? OF_MOMENTS : 0), op.input(0).length()),
        Extent.product(FUSED_CHANNEL + (training ? OF_MOMENTS_CHANNEL : 0), op.input(1).length()));
  }

  private static long batchNormBackward(OpDescriptor op) {
    boolean gain = Extent.argument(op, 0, 0) != 0;
    long channels = op.input(1).length();
    return Extent.sum(
        Extent.product(9, op.input(0).length()), Extent.product(gain ? 6 : 5, channels));
  }
}
