package org.ergometer.accounting.flops;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * Losses among the custom ops: {@code x} predictions, {@code y} labels, {@code w} weights. Each is
 * the loss of every element, times its weight, summed; a gradient op gives the gradients with
 * respect to predictions, weights and labels.
 */
final class LossRules {

  private static final String REDUCE = "; s + w * l";
  private static final String SPREAD = "; gx = w * d; gw = l; gy = w * e";

  private LossRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = new ArrayList<>();
    pair(rules, "absolute_difference_loss", "l = abs(x - y)", "d = sign(x - y)");
    pair(rules, "mean_sqerr_loss", "q = x - y; l = q * q", "d = 2 * q");
    pair(
        rules,
        "huber_loss",
        "q = abs(x - y); l = q <= c ? 0.5 * q * q : c * q - 0.5 * c * c",
        "d = q <= c ? q : c * sign(x - y)");
    pair(rules, "hinge_loss", "z = 2 * y - 1; l = max(0, 1 - z * x)", "d = l > 0 ? -z : 0");
    pair(
        rules,
        "log_loss",
        "l = -(y * log(x + a)) - (1 - y) * log(1 - x + a)",
        "d = (1 - y) / (1 - x + a) - y / (x + a)");
    pair(rules, "log_poisson_loss", "l = exp(x) - y * x", "d = exp(x) - y");
    pair(
        rules,
        "sigm_cross_entropy_loss",
        "l = max(x, 0) - x * y + log(1 + exp(-abs(x)))",
        "d = 1 / (1 + exp(-x)) - y");
    pair(
        rules,
        "softmax_cross_entropy_loss",
        "m = max(m, x); z = x - m; t + exp(z); l = -y * (z - u)",
        "d = exp(z - u) - y");
    pair(rules, "cosine_distance_loss", "l = 1 - x * y", "d = -y");
    pair(
        rules,
        "mean_pairwssqerr_loss",
        "q = x - y; a + q; b + q * q; l = 2 * (b / n - a * a / n)",
        "d = 4 * (q - a / n)");
    rules.addAll(crossEntropies());
    return rules;
  }

  private static void pair(List<OpRule> rules, String name, String loss, String derivative) {
    rules.addAll(
        new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
            .perInput(loss + REDUCE, name)
            .perInput(loss + "; " + derivative + SPREAD, name + "_grad")
            .rules());
  }

  private static List<OpRule> crossEntropies() {
    String logSoftmax = "m = max(m, x); z = x - m; t + exp(z)";
    long sparse = Arithmetic.flops(logSoftmax);
    return new RuleList(OpFamily.CUSTOM, OpClass.LOSS)
        .perInput(logSoftmax + "; s - y * (z - u)", "softmax_cross_entropy_loss_with_logits")
        .perInput(
            logSoftmax + "; gx = exp(z) / t - y; gy = -(z - u)",
            "softmax_cross_entropy_loss_with_logits_grad")
        .all(
            op ->
                Extent.sum(
                    Extent.product(sparse, op.input(1).length()),
                    Extent.product(2, op.input(0).length())),
            logSoftmax + ", per logit; log(t) - z, per label",
            "sparse_softmax_cross_entropy_loss_with_logits")
        .all(
            op ->
                Extent.sum(Extent.product(sparse + 1, op.input(1).length()), op.input(0).length()),
            logSoftmax + "; exp(z) / t, per logit; p - 1, per label",
            "sparse_softmax_cross_entropy_loss_with_logits_grad")
        .perInput(
            "k = 1 + (w - 1) * y; (1 - y) * x + k * (log1p(exp(-abs(x))) + max(-x, 0))",
            "weighted_cross_entropy_with_logits")
        .rules();
  }
}
