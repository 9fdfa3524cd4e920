package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * Reductions, norms, clipping and scatters among the custom ops. Every element is folded into a
 * running result: n operations for n elements.
 */
final class ReductionRules {

  private static final String VARIANCE = "m + x; d = x - m; s + d * d";

  /** Number of the plain replacement among the operations that scatter_update knows. */
  private static final long ASSIGN = 6;

  private ReductionRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = reductions();
    rules.addAll(gradients());
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
        .perInput("s + x", "trace", "bincount", "confusion_matrix")
        .perInput("floor((x - a) / w); s + 1", "histogram", "histogram_fixed_width")
        .perInput("31 * s + x", "hashcode")
        .rules();
  }

  private static List<OpRule> gradients() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("g / n", "reduce_mean_bp")
        .perInput("m = max(m, x); x == m ? g : 0", "reduce_max_bp")
        .perInput("m = min(m, x); x == m ? g : 0", "reduce_min_bp")
        .perInput("m = max(m, abs(x)); abs(x) == m ? g * sign(x) : 0", "reduce_norm_max_bp")
        .perInput("s * x; g * (s / x)", "reduce_prod_bp")
        .perInput("g * sign(x)", "reduce_norm1_bp")
        .perInput("s + x * x; g * (x / s)", "reduce_norm2_bp")
        .perInput("g * (2 * x)", "reduce_sqnorm_bp")
        .perInput("gx = g * y; gy = g * x", "reduce_dot_bp")
        .perInput("m + x; g * (c * (x - m))", "reduce_variance_bp")
        .perInput("m + x; d = x - m; s + d * d; g * (c * (x - m) / s)", "reduce_stdev_bp")
        .rules();
  }

  private static List<OpRule> clipping() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("s + x * x; s > c ? x * c / s : x", "clipbynorm")
        .perInput("s + x * x; s / n > c ? x * c / s : x", "clipbyavgnorm")
        .perInput("s + x * x; t + g * x; s > c ? c / s * (g - x * t) : g", "clipbynorm_bp")
        .perInput("s + x * x; t + g * x; s / n > c ? c / s * (g - x * t) : g", "clipbyavgnorm_bp")
        .all(
            op -> Extent.product(4, Extent.inputs(op)),
            "s + x * x; x * (c / s), per element of every input",
            "clip_by_global_norm")
        .rules();
  }

  private static List<OpRule> segments() {
    return new RuleList(OpFamily.CUSTOM, OpClass.REDUCTION)
        .perInput("s + x", "segment_sum", "unsorted_segment_sum")
        .perInput("s * x", "segment_prod", "unsorted_segment_prod")
        .perInput("max(s, x)", "segment_max", "unsorted_segment_max")
        .perInput("min(s, x)", "segment_min", "unsorted_segment_min")
        .reducing("s + x", "s / n", "segment_mean", "unsorted_segment_mean")
        .reducing("s + x", "s / sqrt(n)", "unsorted_segment_sqrt_n")
        .perInput("g / n", "segment_mean_bp", "unsorted_segment_mean_bp")
        .perInput("g / sqrt(n)", "unsorted_segment_sqrt_n_bp")
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
    list.perGradient("s + g", "tile_bp", "tile_to_shape_bp");
    list.add(
        "scatter_update",
        op -> Extent.argument(op, 0, 0) == ASSIGN ? 0 : Extent.lastInput(op).length(),
        Touched.UPDATES_IN_PLACE,
        "x + u or another of +, -, *, /, per update; none for an assignment");
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
          Touched.UPDATES_IN_PLACE,
          formula + ", per update");
    }
  }
}
