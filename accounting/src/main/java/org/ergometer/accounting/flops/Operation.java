package org.ergometer.accounting.flops;

import java.util.List;

/**
 * What one elementary operation counts: the conventions that every formula refers to, in one table.
 *
 * <p>A multiply and an add are two operations. The count does not depend on the element type:
 * integer work counts alike, booked under its own type. Both branches of a choice count. What is
 * computed once per call from scalar arguments alone does not count.
 */
public enum Operation {
  ADD(1, "addition or subtraction", "+", "-"),
  MULTIPLY(1, "multiplication", "*"),
  DIVIDE(1, "division or remainder", "/", "%"),
  COMPARE(
      1,
      "comparison, minimum, maximum, sign",
      "<",
      ">",
      "<=",
      ">=",
      "==",
      "!=",
      "min",
      "max",
      "sign",
      "isnan",
      "isinf",
      "isfinite"),
  SQUARE_ROOT(1, "square root", "sqrt"),
  EXPONENTIAL(1, "exponential", "exp", "expm1"),
  LOGARITHM(1, "logarithm", "log", "log1p"),
  POWER(1, "power with an exponent that is not written out", "pow"),
  HYPERBOLIC(
      1, "hyperbolic function or its inverse", "tanh", "sinh", "cosh", "atanh", "asinh", "acosh"),
  TRIGONOMETRIC(
      1,
      "trigonometric function or its inverse",
      "sin",
      "cos",
      "tan",
      "asin",
      "acos",
      "atan",
      "atan2"),
  ERROR_FUNCTION(1, "error function", "erf", "erfc"),
  SPECIAL_FUNCTION(
      1,
      "gamma, beta, zeta and polygamma functions and their incomplete forms",
      "lgamma",
      "digamma",
      "polygamma",
      "zeta",
      "igamma",
      "igammac",
      "betainc"),
  ROUND(1, "rounding to an integer", "floor", "ceil", "round", "rint", "trunc"),
  LOGIC(1, "logical or bitwise operation", "&", "|", "xor", "not", "shift", "popcount"),
  DRAW(1, "one random number from the generator", "draw"),
  /** IEEE 754-2008, section 5.5.1: these change a bit and never compute. */
  SIGN_BIT(0, "negation and absolute value", "abs", "neg"),
  /** Casts between types, copies, and the integer arithmetic that finds an element. */
  MOVE(0, "copy, conversion of type, index arithmetic", "copy", "cast");

  private final int flops;
  private final String meaning;

  /** Separated by spaces. */
  private final String symbols;

  Operation(int flops, String meaning, String... symbols) {
    this.flops = flops;
    this.meaning = meaning;
    this.symbols = String.join(" ", symbols);
  }

  /** FLOPs of one such operation. */
  public int flops() {
    return flops;
  }

  /** What belongs to it, in words. */
  public String meaning() {
    return meaning;
  }

  /** How it is written in the formulas of rules: operators, and functions without parentheses. */
  public List<String> symbols() {
    return List.of(symbols.split(" "));
  }
}
