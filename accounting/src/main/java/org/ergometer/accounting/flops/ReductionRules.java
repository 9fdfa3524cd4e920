package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Reductions, norms, clipping and scatters among the custom ops. Every element is folded into a
 * running result: n operations for n elements.
 */
final class ReductionRules {

  private static final String VARIANCE = "m + x; d = x - m; s + d * d";

  /** Number of the plain replacement among the operations that scatter_update knows. */
  private static final long ASSIGN = 6;

  private static final String CLIP = "s + x * x; x * f, per element; ";
  private static final String CLIP_GRADIENT =
      "s + x * x; t + g * x; f * (g - x * u), per element; ";

  /** The diagonals of the first input are read. */
  private static final Traffic DIAGONAL =
      new Traffic() {
        @Override
        public long read(OpDescriptor op, int input) {
          return Extent.product(
              Extent.output(op), diagonal(op), op.input(input).elementType().bytes());
        }
      };

  private ReductionRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = reductions();
    rules.addAll(gradients());
    rules.addAll(shapedGradients());
    rules.addAll(clipping());
    rules.addAll(segments());
    rules.addAll(scatters());
    return rules;
  }

  private static List<OpRule> reductions() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("s + x", "reduce_sum")
        .reducing("s + x", "s / n", "reduce_mean")
        .perInput("s * x", "reduce_prod")
        .perInput("max(s, x)", "reduce_max")
        .perInput("min(s, x)", "reduce_min")
        .perInput("s + abs(x)", "reduce_norm1")
        .reducing("s + x * x", "sqrt(s)", "reduce_norm2")
        .perInput("s + x * x", "reduce_sqnorm")
        .perInput("max(s, abs(x))", "reduce_norm_max")
        .reducing("s + pow(abs(x), p)", "pow(s, q)", "norm")
        .reducing(VARIANCE, "m / n; s / c", "reduce_variance")
        .reducing(VARIANCE, "m / n; sqrt(s / c)", "reduce_stdev")
        .reducing(VARIANCE, "m / n; s / n", "moments")
        .reducing("m = max(m, x); s + exp(x - m)", "log(s) + m", "reduce_logsumexp")
        .perInput("a = s + x; b = t + x * x", "sufficient_statistics")
        .perOutput("m = s / n; v = t / n - m * m", "normalize_moments")
        .reducing("s + x * x", "s / 2", "l2_loss")
        .perInput("x > s", "argmax", "ismax", "top_k", "in_top_k", "nth_element", "percentile")
        .perInput("x < s", "argmin")
        .perInput("abs(x) > s", "argamax")
        .perInput("abs(x) < s", "argamin")
        .perInput("x == c", "unique", "unique_with_counts", "listdiff")
        .reducing("s + (x == 0)", "s / n", "zero_fraction")
        .perInput("s + x", "bincount", "confusion_matrix")
        .add(
            "trace",
            op -> Extent.product(Extent.output(op), diagonal(op)),
            DIAGONAL,
            "s + x, per element of the diagonals")
        .perInput("floor((x - a) / w); s + 1", "histogram", "histogram_fixed_width")
        .perInput("31 * s + x", "hashcode")
        .rules();
  }

  private static List<OpRule> gradients() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("m = max(m, x); x == m ? g : 0", "reduce_max_bp")
        .perInput("m = min(m, x); x == m ? g : 0", "reduce_min_bp")
        .perInput("m = max(m, abs(x)); abs(x) == m ? g * sign(x) : 0", "reduce_norm_max_bp")
        .perInput("s * x; g * (s / x)", "reduce_prod_bp")
        .perInput("g * sign(x)", "reduce_norm1_bp")
        .reductionGradient("s + x * x; g * (x / s)", "sqrt(s)", "reduce_norm2_bp")
        .perInput("g * (2 * x)", "reduce_sqnorm_bp")
        .perInput("gx = g * y; gy = g * x", "reduce_dot_bp")
        .reductionGradient("m + x; g * (c * (x - m))", "m / n", "reduce_variance_bp")
        .reductionGradient(
            "m + x; d = x - m; s + d * d; g * (c * d / s)", "m / n; sqrt(s / c)", "reduce_stdev_bp")
        .rules();
  }

  /** Gradients for which the operand gives its shape only. */
  private static List<OpRule> shapedGradients() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION, Touched.ALL_BUT_FIRST_INPUT)
        .perInput("g / n", "reduce_mean_bp", "segment_mean_bp", "unsorted_segment_mean_bp")
        .perInput("g / sqrt(n)", "unsorted_segment_sqrt_n_bp")
        .perGradient("s + g", "tile_bp", "tile_to_shape_bp")
        .rules();
  }

  /** Extent of the diagonal of each matrix in the last two dimensions. */
  private static long diagonal(OpDescriptor op) {
    TensorSpec x = op.input(0);
    return Math.min(x.size(-1), x.size(-2));
  }

  private static List<OpRule> clipping() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .all(op -> clipped(op, 3, 3), CLIP + "sqrt(s) > c; f = c / s, per norm", "clipbynorm")
        .all(
            op -> clipped(op, 3, 4), CLIP + "sqrt(s) / n > c; f = c / s, per norm", "clipbyavgnorm")
        .all(
            op -> clipped(op, 7, 5),
            CLIP_GRADIENT + "sqrt(s) > c; f = c / s; u = t / (s * s), per norm",
            "clipbynorm_bp")
        .all(
            op -> clipped(op, 7, 6),
            CLIP_GRADIENT + "sqrt(s) / n > c; f = c / s; u = t / (s * s), per norm",
            "clipbyavgnorm_bp")
        .all(
            op -> Extent.sum(Extent.product(3, Extent.inputs(op)), 3),
            "s + x * x; x * f, per element of every input; sqrt(s) > c; f = c / s, once",
            "clip_by_global_norm")
        .rules();
  }

  /** The integer arguments are the dimensions along which each norm is taken; all without any. */
  private static long clipped(OpDescriptor op, long perElement, long perNorm) {
    TensorSpec x = op.input(0);
    long norms = Extent.quotient(x.length(), Extent.reduced(op, x, 0));
    return Extent.sum(Extent.product(perElement, x.length()), Extent.product(perNorm, norms));
  }

  private static List<OpRule> segments() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("s + x", "segment_sum", "unsorted_segment_sum")
        .perInput("s * x", "segment_prod", "unsorted_segment_prod")
        .perInput("max(s, x)", "segment_max", "unsorted_segment_max")
        .perInput("min(s, x)", "segment_min", "unsorted_segment_min")
        .reducing("s + x", "s / n", "segment_mean", "unsorted_segment_mean")
        .reducing("s + x", "s / sqrt(n)", "unsorted_segment_sqrt_n")
        .perInput(
            "x == m ? g : 0",
            "segment_max_bp",
            "unsorted_segment_max_bp",
            "segment_min_bp",
            "unsorted_segment_min_bp")
        .perInput("g * (p / x)", "segment_prod_bp", "unsorted_segment_prod_bp")
        .rules();
  }

  private static List<OpRule> scatters() {
    RuleList list = new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION);
    list.add(
        "scatter_update",
        op -> Extent.argument(op, 0, 0) == ASSIGN ? 0 : Extent.lastInput(op).length(),
        Touched.UPDATES,
        "x + u or another of +, -, *, /, per update; none for an assignment");
    list.all(op -> Extent.input(op, 1), "0 + u, per update", "scatter_nd");
    scatter(list, "x + u", "scatter_add", "scatter_nd_add");
    scatter(list, "x - u", "scatter_sub", "scatter_nd_sub");
    scatter(list, "x * u", "scatter_mul");
    scatter(list, "x / u", "scatter_div");
    scatter(list, "max(x, u)", "scatter_max");
    scatter(list, "min(x, u)", "scatter_min");
    return list.rules();
  }

  private static void scatter(RuleList list, String formula, String... names) {
    long flops = Arithmetic.flops(formula);
    for (String name : names) {
      list.add(
          name,
          op -> Extent.product(flops, Extent.lastInput(op).length()),
          Touched.UPDATES,
          formula + ", per update");
    }
  }
}
