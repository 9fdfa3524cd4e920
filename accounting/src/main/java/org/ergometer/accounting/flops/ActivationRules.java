package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** Activation functions among the custom ops, and their gradients: derivative times gradient. */
final class ActivationRules {

  private ActivationRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = forward();
    rules.addAll(backward());
    return rules;
  }

  private static List<OpRule> forward() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perOutput("tanh(x)", "tanh")
        .perOutput(TransformRules.SIGMOID, "sigmoid")
        .perOutput("max(x, c)", "relu")
        .perOutput("min(max(x, c), 6)", "relu6")
        .perOutput("max(x, 0)", "crelu")
        .perOutput("x < 0 ? a * x : x", "lrelu", "prelu")
        .perOutput("x >= 0 ? x : a * expm1(x)", "elu")
        .perOutput(TransformRules.SELU, "selu")
        .perOutput("x > t ? x : 0", "thresholdedrelu")
        .perOutput(TransformRules.SOFTPLUS, "softplus")
        .perOutput(TransformRules.SOFTSIGN, "softsign")
        .perOutput(TransformRules.HARD_SIGMOID, "hardsigmoid")
        .perOutput(TransformRules.HARD_TANH, "hardtanh")
        .perOutput(TransformRules.RATIONAL_TANH, "rationaltanh")
        .perOutput(TransformRules.RECTIFIED_TANH, "rectifiedtanh")
        .perOutput(TransformRules.CUBE, "cube")
        .rules();
  }

  private static List<OpRule> backward() {
    return new RuleList(OpFamily.CUSTOM, OpClass.ELEMENTWISE)
        .perGradient(times(TransformRules.TANH_DERIVATIVE), "tanh_bp")
        .perGradient(times(TransformRules.SIGMOID_DERIVATIVE), "sigmoid_bp")
        .perGradient("x > 0 ? g : 0", "relu_bp")
        .perGradient("x > 0 & x < 6 ? g : 0", "relu6_bp")
        .all(
            op -> Extent.sum(Extent.product(2, Extent.lastInput(op).length()), Extent.input(op, 0)),
            "max(x, 0); x > 0 ? g : 0, per element of the incoming gradient; p - n, per result",
            "crelu_bp")
        .perGradient("x < 0 ? a * g : g", "lrelu_bp")
        .perGradient("x < 0 ? a * g : g; s + g * x", "prelu_bp")
        .perGradient("x >= 0 ? g : g * (a * exp(x))", "elu_bp")
        .perGradient(times(TransformRules.SELU_DERIVATIVE), "selu_bp")
        .perGradient("x > t ? g : 0", "thresholdedrelu_bp")
        .perGradient(times(TransformRules.SIGMOID), "softplus_bp")
        .perGradient(times(TransformRules.SOFTSIGN_DERIVATIVE), "softsign_bp")
        .perGradient(times(TransformRules.HARD_SIGMOID_DERIVATIVE), "hardsigmoid_bp")
        .perGradient(times(TransformRules.HARD_TANH_DERIVATIVE), "hardtanh_bp")
        .perGradient(times(TransformRules.RATIONAL_TANH_DERIVATIVE), "rationaltanh_bp")
        .perGradient(times(TransformRules.RECTIFIED_TANH_DERIVATIVE), "rectifiedtanh_bp")
        .perGradient(times(TransformRules.CUBE_DERIVATIVE), "cube_bp")
        .rules();
  }

  private static String times(String derivative) {
    return "d = (" + derivative + "); g * d";
  }
}
