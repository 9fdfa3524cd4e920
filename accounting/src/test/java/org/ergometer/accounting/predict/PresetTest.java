package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
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

  /**
   * DeepSeek-V3 as printed: 671 billion, 37 of them active. Of 256 experts 248 are idle, in 58 of
   * 61 layers, each of 3 · 7168 · 2048 weights.
   */
  @Test
  void sharedExpertsAndDenseLayersAreActive() {
    TransformerShape shape = Preset.named("deepseek-v3").orElseThrow().shape();
    assertThat(shape.parameters()).isEqualTo(671_026_419_200L);
    assertThat(shape.activeParameters())
        .isEqualTo(shape.parameters() - 248L * 58 * 3 * 7168 * 2048)
        .isEqualTo(37_552_297_472L);
    // without embedding, norms and the router's biases: 61·2048 of latents, 61·2·7168, 7168
    assertThat(shape.activeBlockMatrices())
        .isEqualTo(
            shape.activeParameters()
                - 2L * 129_280 * 7168
                - 61L * (1536 + 512)
                - 61L * 2 * 7168
                - 7168
                - 58L * 256);
  }

  /** A run is as many steps as it has batches of whole contexts, in every kind of block. */
  @Test
  void aRunOfDeepSeekV3IsItsSteps() {
    TransformerShape shape = Preset.named("deepseek-v3").orElseThrow().shape();
    TrainingRun run = TrainingRun.ofSteps(shape, 7, 2, Recompute.NONE);
    assertThat(run.flops())
        .isEqualTo(
            MatrixProducts.trainingStep(shape, 2, shape.context())
                .flops()
                .multiply(BigInteger.valueOf(7)));
  }

  /** DeepSeek-V2 as printed: 236 billion, 21 of them active. */
  @Test
  void idleExpertsOfDeepSeekV2() {
    TransformerShape shape = Preset.named("deepseek-v2").orElseThrow().shape();
    assertThat(shape.activeParameters())
        .isEqualTo(235_741_434_880L - 154L * 59 * 3 * 5120 * 1536)
        .isEqualTo(21_375_800_320L);
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
