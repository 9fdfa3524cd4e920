package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PresetTest {

  static Stream<Preset> presets() {
    return Preset.all().stream();
  }

  /** To the last digit where the released model was counted, else as printed. */
  @ParameterizedTest
  @MethodSource("presets")
  void parametersAreThePublishedOnes(Preset preset) {
    BigDecimal ours = BigDecimal.valueOf(preset.shape().parameters());
    if (preset.exact()) {
      assertThat(ours).as(preset.name()).isEqualByComparingTo(preset.parameters());
    } else {
      double error = ours.subtract(preset.parameters()).abs().doubleValue();
      assertThat(error / preset.parameters().doubleValue()).as(preset.name()).isLessThan(0.03);
    }
  }

  @Test
  void namesAreUnique() {
    assertThat(new HashSet<>(Preset.names())).hasSameSizeAs(Preset.names());
    assertThat(Preset.all()).hasSizeGreaterThan(100);
  }

  @ParameterizedTest
  @CsvSource({"GPT2, gpt2-124m", "llama_2_70b, llama-2-70b", "gpt3, gpt3-175b"})
  void aNameIsFoundInAnyCase(String name, String preset) {
    assertThat(Preset.named(name)).map(Preset::name).contains(preset);
  }

  /** The rows whose note does not say otherwise agree to the last printed digit, or nearly. */
  @Test
  void publishedComputeAgreesUnderItsConvention() {
    for (PublishedCompute row : PublishedCompute.all()) {
      BigDecimal ours = new BigDecimal(row.ours().get(row.convention()));
      double ratio = ours.divide(row.flops(), 6, RoundingMode.HALF_EVEN).doubleValue();
      assertThat(ratio).as(row.label()).isBetween(0.75, 1.2);
      if (row.note().isEmpty()) {
        assertThat(ratio).as(row.label()).isBetween(0.99, 1.01);
      }
    }
  }

  /**
   * Mixtral: 2 of 8 experts of 3 · 4096 · 14336 weights, in 32 layers, are idle for a token 6
   * times.
   */
  @Test
  void idleExpertsWeighAndDoNotWork() {
    TransformerShape shape = Preset.named("mixtral-8x7b").orElseThrow().shape();
    assertThat(shape.parameters() - shape.activeParameters()).isEqualTo(6L * 32 * 3 * 4096 * 14336);
    assertThat(Convention.SIX_N.perToken(shape).longValueExact())
        .isEqualTo(6 * shape.activeParameters());
  }
}
