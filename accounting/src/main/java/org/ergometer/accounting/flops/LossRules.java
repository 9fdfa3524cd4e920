package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpDescriptor;
import org.ergometer.accounting.op.OpFamily;
import org.ergometer.accounting.op.TensorSpec;

/**
 * Losses among the custom ops: {@code x} predictions, {@code y} labels, {@code w} weights. Each is
 * the loss {@code l} of every element or row, times its weight, reduced as the first integer
 * argument says; a gradient op gives the gradients with respect to predictions, weights and labels.
 */
final class LossRules {

  /** Reductions by their numbers; 0 leaves the losses as they are. */
  private static final int BY_SUM_OF_WEIGHTS = 2;

  private static final int BY_NONZERO_WEIGHTS = 3;

  private static final String REDUCED = "; w * l, s + w * l as it is reduced, per loss";
  private static final String SPREAD = "; gx = w * d; gy = w * e";
  private static final String WEIGHTED = "; s + l where weights are fewer, per loss";

  private static final String LOG_SOFTMAX = "m = max(m, x); z = x - m; t + exp(z)";

  private LossRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = new ArrayList<>();
    pair(rules, "absolute_difference_loss", "l = abs(x - y)", "d = sign(x - y); e = -d");
    pair(rules, "mean_sqerr_loss", "q = x - y; l = q * q", "d = 2 * q; e = -d");
    pair(
        rules,
        "huber_loss",
        "q = abs(x - y); l = q <= c ? 0.5 * q * q : c * q - 0.5 * c * c",
        "d = q <= c ? q : c * sign(x - y); e = -d");
    pair(
        rules,
        "hinge_loss",
        "z = 2 * y - 1; l = max(0, 1 - z * x)",
        "d = l > 0 ? -z : 0; e = l > 0 ? -(2 * x) : 0");
    pair(
        rules,
        "log_loss",
        "a = x + c; b = 1 - x + c; l = -(y * log(a)) - (1 - y) * log(b)",
        "d = (1 - y) / b - y / a; e = log(b) - log(a)");
    pair(rules, "log_poisson_loss", "l = exp(x) - y * x", "d = exp(x) - y; e = -x");
    pair(
        rules,
        "sigm_cross_entropy_loss",
        "l = max(x, 0) - x * y + log(1 + exp(-abs(x)))",
        "d = 1 / (1 + exp(-x)) - y; e = -x");
    rowPair(
        rules,
        op -> along(op, -1),
        "softmax_cross_entropy_loss",
        new Parts(LOG_SOFTMAX + "; l + y * (u - z)", "u = log(t)"),
        "p = exp(z) / t; q + y; d = p * q - y; e = u - z");
    rowPair(
        rules,
        op -> along(op, Extent.argument(op, 1, -1)),
        "cosine_distance_loss",
        new Parts("s + x * y", "l = 1 - s"),
        "d = -y; e = -x");
    rowPair(
        rules,
        op -> op.input(0).size(0),
        "mean_pairwssqerr_loss",
        new Parts("q = x - y; a + q; b + q * q", "l = (b * n - a * a) * c"),
        "d = (q * n - a) * c; e = -d");
    rules.addAll(crossEntropies());
    return rules;
  }

  /** Number of losses where the elements of one lie along a dimension. */
  private static long along(OpDescriptor op, long dimension) {
    TensorSpec x = op.input(0);
    return Extent.quotient(x.length(), x.size(Math.toIntExact(dimension)));
  }

  /** Formulas of an element and of a loss. */
  private record Parts(String element, String loss) {

    String text() {
      return element + ", per element; " + loss + ", per loss";
    }
  }

  /** A loss of each element. */
  private static void pair(List<OpRule> rules, String name, String loss, String derivative) {
    long perElement = Arithmetic.flops(loss);
    long gradientPerElement = Arithmetic.flops(loss + "; " + derivative + SPREAD);
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
            .all(
                op ->
                    Extent.sum(
                        Extent.product(perElement, Extent.input(op, 0)),
                        reduction(op, Extent.input(op, 0))),
                loss + ", per element" + REDUCED,
                name)
            .all(
                op ->
                    Extent.sum(
                        Extent.product(gradientPerElement, Extent.input(op, 0)),
                        weightGradient(op, Extent.input(op, 0))),
                loss + "; " + derivative + SPREAD + ", per element" + WEIGHTED,
                name + "_grad")
            .rules());
  }

  /** A loss of each row, of which {@code rows} tells the number. */
  private static void rowPair(
      List<OpRule> rules,
      ToLongFunction<OpDescriptor> rows,
      String name,
      Parts loss,
      String derivative) {
    long perElement = Arithmetic.flops(loss.element());
    long perLoss = Arithmetic.flops(loss.loss());
    long gradientPerElement = perElement + Arithmetic.flops(derivative + SPREAD);
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
            .all(
                op -> {
                  long losses = rows.applyAsLong(op);
                  return Extent.sum(
                      Extent.product(perElement, Extent.input(op, 0)),
                      Extent.product(perLoss, losses),
                      reduction(op, losses));
                },
                loss.text() + REDUCED,
                name)
            .all(
                op -> {
                  long losses = rows.applyAsLong(op);
                  return Extent.sum(
                      Extent.product(gradientPerElement, Extent.input(op, 0)),
                      Extent.product(perLoss, losses),
                      weightGradient(op, losses));
                },
                loss.text() + "; " + derivative + SPREAD + ", per element" + WEIGHTED,
                name + "_grad")
            .rules());
  }

  /** Each loss times its weight, then the reduction: a sum, or a mean by weights. */
  private static long reduction(OpDescriptor op, long losses) {
    long mode = Extent.argument(op, 0, 0);
    if (mode == 0) {
      return losses;
    }
    long weights = op.input(1).length();
    long summed = Extent.product(2, losses);
    if (mode == BY_SUM_OF_WEIGHTS) {
      return Extent.sum(summed, weights == 1 ? 2 : losses + 1); // s + w or w * n; s / t
    } else if (mode == BY_NONZERO_WEIGHTS) {
      return Extent.sum(summed, weights == 1 ? 1 : Extent.product(2, losses) + 1); // t + (w != 0)
    }
    return summed;
  }

  /** The gradient of a weight is its loss, or the sum of those that it was the weight of. */
  private static long weightGradient(OpDescriptor op, long losses) {
    return op.input(1).length() < losses ? losses : 0;
  }

  private static List<OpRule> crossEntropies() {
    long sparse = Arithmetic.flops(LOG_SOFTMAX);
    long dense = Arithmetic.flops(LOG_SOFTMAX + "; l + y * (u - z)");
    long gradient = Arithmetic.flops(LOG_SOFTMAX + "; gx = exp(z) / t - y; gy = u - z");
    return new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
        .all(
            op ->
                Extent.sum(
                    Extent.product(dense, Extent.input(op, 0)), Extent.rows(op, op.input(0))),
            LOG_SOFTMAX + "; l + y * (u - z), per element; u = log(t), per loss",
            "softmax_cross_entropy_loss_with_logits")
        .all(
            op ->
                Extent.sum(
                    Extent.product(gradient, Extent.input(op, 0)), Extent.rows(op, op.input(0))),
            LOG_SOFTMAX + "; gx = exp(z) / t - y; gy = u - z, per element; u = log(t), per loss",
            "softmax_cross_entropy_loss_with_logits_grad")
        .all(
            op ->
                Extent.sum(
                    Extent.product(sparse, op.input(1).length()),
                    Extent.product(2, op.input(0).length())),
            LOG_SOFTMAX + ", per logit; log(t) - z, per label",
            "sparse_softmax_cross_entropy_loss_with_logits")
        .all(
            op ->
                Extent.sum(Extent.product(sparse + 1, op.input(1).length()), op.input(0).length()),
            LOG_SOFTMAX + "; exp(z) / t, per logit; p - 1, per label",
            "sparse_softmax_cross_entropy_loss_with_logits_grad")
        .perInput(
            "k = 1 + (w - 1) * y; (1 - y) * x + k * (log1p(exp(-abs(x))) + max(-x, 0))",
            "weighted_cross_entropy_with_logits")
        .rules();
  }
}
