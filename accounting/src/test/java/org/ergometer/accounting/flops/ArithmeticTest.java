package org.ergometer.accounting.flops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ArithmeticTest {

  @ParameterizedTest
  @CsvSource({
    "x, 0",
    "x + y, 1",
    "a * x + y, 2",
    "-x, 0",
    "x - -y, 1",
    "a * (-b), 1",
    "a / -b, 1",
    "x - 1e-12, 1",
    "1 / (1 + exp(-x)), 3",
    "s = x; s * s, 1",
    "x > 0 ? a * x : x, 2",
    "x >= 0 & y <= 1, 3",
    "x == y, 1",
    "'max(x, y)', 1",
    "'pow(abs(x), 3)', 1",
    "tanh(x) * exp, 2",
    "neg(copy(x)), 0",
  })
  void operatorsAndFunctionsCountByTheTable(String formula, long flops) {
    assertThat(Arithmetic.flops(formula)).isEqualTo(flops);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void everySymbolOfTheTableCounts(Operation operation) {
    for (String symbol : operation.symbols()) {
      boolean word = Character.isLetter(symbol.charAt(0));
      String formula = word ? symbol + "(x)" : "x " + symbol + " y";
      assertThat(Arithmetic.flops(formula)).as(formula).isEqualTo(operation.flops());
    }
  }

  @Test
  void whatIsNotInTheTableIsAnError() {
    assertThatThrownBy(() -> Arithmetic.flops("bessel(x)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bessel")
        .hasMessageContaining("Operation");
    assertThatThrownBy(() -> Arithmetic.flops("x # y"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("position 1");
  }
}
