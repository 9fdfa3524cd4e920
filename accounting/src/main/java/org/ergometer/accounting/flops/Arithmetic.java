package org.ergometer.accounting.flops;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A formula as it is written down, such as {@code x * (1 / (1 + exp(-1.702 * x)))}, and what it
 * counts: the sum over its operators and functions by the table of {@link Operation}.
 *
 * <p>Several statements are separated by semicolons; {@code =} names a value, {@code ? :} chooses,
 * parentheses group: none of them counts. Written so, a rule's arithmetic and its documentation
 * cannot differ.
 */
final class Arithmetic {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<number>\\d+(?:\\.\\d+)?(?:e-?\\d+)?)|(?<word>[\\p{L}_][\\p{L}\\d_']*)"
              + "|(?<operator><=|>=|==|!=|[-+*/%<>&|])|(?<mark>[()=?:;,]))");

  private static final Map<String, Operation> BY_SYMBOL = new HashMap<>();

  static {
    for (Operation operation : Operation.values()) {
      for (String symbol : operation.symbols()) {
        if (BY_SYMBOL.put(symbol, operation) != null) {
          throw new IllegalStateException("two operations are written " + symbol);
        }
      }
    }
  }

  private Arithmetic() {}

  /** FLOPs of evaluating the formula once; an unknown function or sign is an error. */
  static long flops(String formula) {
    Matcher matcher = TOKEN.matcher(formula);
    long flops = 0;
    int position = 0;
    boolean afterOperand = false;
    while (position < formula.length()) {
      if (!matcher.find(position) || matcher.start() != position) {
        throw new IllegalArgumentException(
            "cannot read \"%s\" from position %s".formatted(formula, position));
      }
      position = matcher.end();
      String operator = matcher.group("operator");
      String word = matcher.group("word");
      if (operator != null) {
        boolean sign = operator.equals("-") && !afterOperand;
        flops += sign ? Operation.SIGN_BIT.flops() : operation(operator, formula).flops();
        afterOperand = false;
      } else if (word != null) {
        boolean function = position < formula.length() && formula.charAt(position) == '(';
        flops += function ? operation(word, formula).flops() : 0;
        afterOperand = true;
      } else {
        String mark = matcher.group("mark");
        afterOperand = mark == null || mark.equals(")");
      }
    }
    return flops;
  }

  private static Operation operation(String symbol, String formula) {
    Operation operation = BY_SYMBOL.get(symbol);
    if (operation == null) {
      throw new IllegalArgumentException(
          "\"%s\" in \"%s\" is in no row of Operation".formatted(symbol, formula));
    }
    return operation;
  }
}
