package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/**
 * Optimizers, as ND4J's native library writes them: {@code g} gradient, {@code m}, {@code v},
 * {@code s} state, {@code u} the update. Constants such as 1 - β and the bias-corrected rate are
 * computed once per call from scalars and do not count.
 */
final class UpdaterRules {

  private UpdaterRules() {}

  static List<OpRule> all() {
    return new RuleList(OpFamily.CUSTOM, OpClass.UPDATER)
        .perInput("u = g * lr", "sgd_updater")
        .perInput("w - g * lr", "apply_sgd")
        .perInput("p = a * v; s = p - lr * g; u = p + b * s", "nesterovs_updater")
        .perInput(
            "v = b * v + g * g * c; m = a * m + g * d; u = (m * lr) / (sqrt(v) + e)",
            "adam_updater")
        .perInput(
            "v = max(b * v, abs(g)) + e; m = a * m + g * d; u = (m * lr) / v", "ada_max_updater")
        .perInput(
            "v = b * v + g * g * c; m = a * m + g * d; h = max(v, h); u = (m * lr) / (sqrt(h) + e)",
            "ams_grad_updater")
        .perInput(
            "n = g * d; m = a * m + n; v = b * v + g * g * c;"
                + " u = (lr * ((m * a + n) / q)) / (sqrt(v) + e)",
            "nadam_updater")
        .perInput("s = s + g * g; u = (lr * g) / (sqrt(s) + e)", "ada_grad_updater")
        .perInput(
            "s = r * s + g * g * c; u = g * (sqrt(d + e) / sqrt(s + e)); d = r * d + u * u * c",
            "ada_delta_updater")
        .perInput("s = a * s + g * g * c; u = (g * lr) / (sqrt(s) + e)", "rms_prop_updater")
        .perInput(
            "m = a * m + g * d; f = g - m; v = b * v + f * f * c + e;"
                + " u = (m * lr) / (sqrt(v) + e)",
            "adabelief_updater")
        .rules();
  }
}
