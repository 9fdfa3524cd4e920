package org.ergometer.accounting.flops;

import java.util.List;
import org.ergometer.accounting.op.OpClass;
import org.ergometer.accounting.op.OpFamily;

/** ND4J's numbered transforms of one tensor; names are those of its native library. */
final class TransformRules {

  static final String SIGMOID = "1 / (1 + exp(-x))";
  static final String SIGMOID_DERIVATIVE = "s = 1 / (1 + exp(-x)); s * (1 - s)";
  static final String TANH_DERIVATIVE = "t = tanh(x); 1 - t * t";
  static final String SOFTPLUS = "log(1 + exp(x))";
  static final String SOFTSIGN = "x / (1 + abs(x))";
  static final String SOFTSIGN_DERIVATIVE = "y = 1 + abs(x); 1 / (y * y)";
  static final String SELU = "l * (x > 0 ? x : a * exp(x) - a)";
  static final String SELU_DERIVATIVE = "x > 0 ? l : a * l * exp(x)";
  static final String SWISH = "x * (1 / (1 + exp(-x)))";
  static final String SWISH_DERIVATIVE = "e = exp(x); (e * (x + e + 1)) / pow(e + 1, 2)";
  static final String GELU = "x * (1 / (1 + exp(-(1.702 * x))))";
  static final String GELU_DERIVATIVE =
      "y = 1.702 * x; e = exp(y); (e * (y + e + 1)) / pow(e + 1, 2)";
  static final String PRECISE_GELU = "(x / 2) * (1 + tanh(0.79788 * (x + pow(0.044715 * x, 3))))";
  static final String PRECISE_GELU_DERIVATIVE =
      "a = 0.79788 * x; b = pow(0.03568 * x, 3); c = 0.39894 * x; d = pow(0.05352 * x, 3);"
          + " y = a + b; s = 1 / cosh(y); 0.5 + (c + d) * (s * s) + 0.5 * tanh(y)";
  static final String MISH = "x * tanh(log(1 + exp(x)))";
  static final String MISH_DERIVATIVE =
      "e = exp(x); f = e * e; g = e * e * e;"
          + " (e * (4 * (x + 1) + 4 * f + g + e * (4 * x + 6))) / pow(2 * e + f + 2, 2)";
  static final String HARD_SIGMOID = "min(1, max(0, 0.2 * x + 0.5))";
  static final String HARD_SIGMOID_DERIVATIVE = "x < -2.5 | x > 2.5 ? 0 : 0.2";
  static final String HARD_TANH = "min(1, max(-1, x))";
  static final String HARD_TANH_DERIVATIVE = "x >= -1 ? x <= 1 : 0";
  static final String RATIONAL_TANH =
      "d = 0.667 * x; 1.7159 * (sign(d) * (1 - 1 / (1 + abs(d) + pow(d, 2) + 1.41645 * pow(d, 4))))";
  static final String RATIONAL_TANH_DERIVATIVE =
      "d = 0.667 * x; a = 1 + abs(d) + pow(d, 2) + 1.41645 * pow(d, 4);"
          + " b = 1 + sign(d) * (2 * d + 4 * 1.41645 * pow(d, 3)); 0.667 * 1.7159 * b / (a * a)";
  static final String RECTIFIED_TANH = "max(0, tanh(x))";
  static final String RECTIFIED_TANH_DERIVATIVE = "t = tanh(x); x > 0 ? 1 - t * t : 0";
  static final String CUBE = "x * x * x";
  static final String CUBE_DERIVATIVE = "3 * x * x";

  private TransformRules() {}

  static List<OpRule> all() {
    List<OpRule> rules = plain();
    rules.addAll(activations());
    rules.addAll(derivatives());
    rules.addAll(
        new RuleList(OpFamily.TRANSFORM, OpClass.DATA_MOVEMENT)
            .moves("a copy: no arithmetic", "Assign", "Copy", "Identity")
            .moves(Touched.OUTPUT_ONLY, "a constant: no arithmetic", "Ones")
            .rules());
    return rules;
  }

  private static List<OpRule> plain() {
    return new RuleList(OpFamily.TRANSFORM, OpClass.ELEMENTWISE)
        .perOutput("sqrt(x)", "Sqrt")
        .perOutput("1 / sqrt(x)", "RSqrt")
        .perOutput("abs(x)", "Abs")
        .perOutput("neg(x)", "Neg")
        .perOutput("sign(x)", "Sign")
        .perOutput("round(x)", "Round")
        .perOutput("rint(x)", "Rint")
        .perOutput("ceil(x)", "Ceiling")
        .perOutput("floor(x)", "Floor")
        .perOutput("1 - x", "OneMinus")
        .perOutput("x * (1 - x)", "TimesOneMinus")
        .perOutput("1 / x", "Reciprocal")
        .perOutput("x * x", "Square")
        .perOutput(CUBE, "Cube")
        .perOutput("x == c ? y : x", "CompareAndSetTransform")
        .perOutput("min(max(x, a), b)", "ClipByValue", "Stabilize", "StabilizeFP16")
        .perOutput("x >= a & x <= b ? x : floor(x * (b - a)) + a", "SetRange")
        .perOutput("isinf(x)", "IsInf")
        .perOutput("isnan(x)", "IsNan")
        .perOutput("isfinite(x)", "IsFinite")
        .perOutput("isinf(x) | isnan(x)", "IsInfOrNan")
        .perOutput("x == c", "MatchConditionBool")
        .perOutput("x > 0", "IsPositive")
        .perOutput("x < 0", "IsNegative")
        .perOutput("not(x)", "Not")
        .perOutput("exp(x)", "Exp")
        .perOutput("expm1(x)", "Expm1")
        .perOutput("log(x)", "Log")
        .perOutput("log1p(x)", "Log1p")
        .perOutput("erf(x)", "Erf")
        .perOutput("erfc(x)", "Erfc")
        .perOutput("sin(x)", "Sin")
        .perOutput("cos(x)", "Cosine")
        .perOutput("tan(x)", "Tan")
        .perOutput("asin(x)", "ASin")
        .perOutput("acos(x)", "ACos")
        .perOutput("atan(x)", "ATan")
        .perOutput("sinh(x)", "Sinh")
        .perOutput("cosh(x)", "Cosh")
        .perOutput("asinh(x)", "ASinh")
        .perOutput("acosh(x)", "ACosh")
        .perOutput("atanh(x)", "ATanh")
        .perOutput("a * x + b", "Affine")
        .rules();
  }

  private static List<OpRule> activations() {
    return new RuleList(OpFamily.TRANSFORM, OpClass.ELEMENTWISE)
        .perOutput("tanh(x)", "Tanh")
        .perOutput("a * tanh(b * x)", "ScaledTanh")
        .perOutput(SIGMOID, "Sigmoid")
        .perOutput("log(1 / (1 + exp(-x)))", "LogSigmoid")
        .perOutput(SOFTPLUS, "SoftPlus")
        .perOutput(SOFTSIGN, "SoftSign")
        .perOutput(HARD_SIGMOID, "HardSigmoid")
        .perOutput(HARD_TANH, "HardTanh")
        .perOutput(RATIONAL_TANH, "RationalTanh")
        .perOutput(RECTIFIED_TANH, "RectifiedTanh")
        .perOutput(SELU, "SELU")
        .perOutput(SWISH, "Swish")
        .perOutput(GELU, "GELU")
        .perOutput(PRECISE_GELU, "PreciseGELU")
        .perOutput(MISH, "Mish")
        .rules();
  }

  private static List<OpRule> derivatives() {
    return new RuleList(OpFamily.TRANSFORM, OpClass.ELEMENTWISE)
        .perOutput(TANH_DERIVATIVE, "TanhDerivative")
        .perOutput(SIGMOID_DERIVATIVE, "SigmoidDerivative")
        .perOutput("1 / (exp(x) + 1)", "LogSigmoidDerivative")
        .perOutput(SOFTSIGN_DERIVATIVE, "SoftSignDerivative")
        .perOutput(HARD_SIGMOID_DERIVATIVE, "HardSigmoidDerivative")
        .perOutput(HARD_TANH_DERIVATIVE, "HardTanhDerivative")
        .perOutput(RATIONAL_TANH_DERIVATIVE, "RationalTanhDerivative")
        .perOutput(RECTIFIED_TANH_DERIVATIVE, "RectifiedTanhDerivative")
        .perOutput(SELU_DERIVATIVE, "SELUDerivative")
        .perOutput(SWISH_DERIVATIVE, "SwishDerivative")
        .perOutput(GELU_DERIVATIVE, "GELUDerivative")
        .perOutput(PRECISE_GELU_DERIVATIVE, "PreciseGELUDerivative")
        .perOutput(MISH_DERIVATIVE, "MishDerivative")
        .perOutput(CUBE_DERIVATIVE, "CubeDerivative")
        .perOutput("c = cos(x); 1 / (c * c)", "TanDerivative")
        .perOutput("1 / (sqrt(x - 1) * sqrt(x + 1))", "ACoshDerivative")
        .perOutput("1 / sqrt(pow(x, 2) + 1)", "ASinhDerivative")
        .perOutput("cosh(x)", "SinhDerivative")
        .perOutput("x * (1 - x)", "SpecialDerivative")
        .rules();
  }
}
