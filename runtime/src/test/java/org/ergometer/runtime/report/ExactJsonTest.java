package org.ergometer.runtime.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactJsonTest {

  private static final BigInteger LARGEST = BigInteger.valueOf(9_007_199_254_740_992L);

  private final ObjectNode node = JsonNodeFactory.instance.objectNode();

  @Test
  void upToTwoToThe53CountsAreNumbers() {
    ExactJson.put(node, "n", LARGEST);

    assertThat(node).hasToString("{\"n\":9007199254740992}");
  }

  @Test
  void beyondTheyAreStringsWithATwin() {
    ExactJson.put(node, "n", LARGEST.add(BigInteger.ONE));

    assertThat(node).hasToString("{\"n\":\"9007199254740993\",\"n_double\":9.007199254740992E15}");
  }

  @Test
  void anObjectHasOneTwin() {
    ExactJson.putAll(node, "o", Map.of("a", LARGEST.shiftLeft(1)));

    assertThat(node)
        .hasToString(
            "{\"o\":{\"a\":\"18014398509481984\"},\"o_double\":{\"a\":1.8014398509481984E16}}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-9007199254740993", "1237940039285380274899124224"})
  void isReadBack(String digits) {
    ExactJson.put(node, "n", new BigInteger(digits));

    assertThat(ExactJson.read(node.path("n"))).isEqualTo(new BigInteger(digits));
  }
}
