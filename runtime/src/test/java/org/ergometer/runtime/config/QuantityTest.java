package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

  @ParameterizedTest
  @CsvSource({
    "2000, 2000",
    "512k, 512000",
    "70B, 70000000000",
    "1.5M, 1500000",
    "1.4e12, 1400000000000",
    "1.4T, 1400000000000",
    "2^40, 1099511627776",
    "1_000, 1000",
    "-3, -3",
    "9223372036854775807, 9223372036854775807",
  })
  void readsWholeNumbersAsPeopleWriteThem(String text, long value) {
    assertThat(Quantity.whole("steps", text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "", "k", "1.5", "2.0005k", "1e19", "0x10", "12 k3"})
  void rejectsWhatIsNoWholeNumber(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantity.whole("steps", text))
        .withMessageStartingWith("steps must be a whole number")
        .withMessageEndingWith("got \"%s\"; write it like 2000, 512k or 1.4e12".formatted(text));
  }

  @Test
  void readsRealNumbers() {
    assertThat(Quantity.real("clip", "1e-3")).isEqualTo(1e-3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quantity.real("clip", "NaN"))
        .withMessage("clip must be a number, got \"NaN\"; write it like 0.001 or 1e-3");
    assertThatIllegalArgumentException().isThrownBy(() -> Quantity.real("clip", "1e999"));
  }
}
