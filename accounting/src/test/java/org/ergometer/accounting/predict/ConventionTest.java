package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConventionTest {

  private static final double FLOPS_PER_PETAFLOP_DAY = 8.64e19;

  private static final TransformerShape NANOGPT_CPU =
      TransformerShape.gpt2(4, 128, 4, 65, 64).withBias(false);

  /** L 2, d 6, H 3 (k 2), f 10, V 7, T 5, no biases, tied. */
  private static final TransformerShape SMALL =
      new TransformerShape(2, 6, 3, 10, 7, 5, true, false);

  private static final long SMALL_PARAMETERS =
      2 * (4 * 6 * 6 + 2 * 6 * 10 + 2 * 6) + 6 + 7 * 6 + 5 * 6;

  @Test
  void keysAreThoseOfTheContract() {
    assertThat(Arrays.stream(Convention.values()).map(Convention::key))
        .containsExactly(
            "six_n",
            "eight_n",
            "kaplan_six_n",
            "kaplan",
            "palm",
            "megatron",
            "chinchilla",
            "chinchilla_body",
            "nanogpt",
            "llm_c",
            "hugging_face",
            "flop_counter_mode");
  }

  @Test
  void everyConventionOfASmallModelForOneToken() {
    Map<Convention, BigInteger> flops = Convention.ofRun(SMALL, BigInteger.ONE);

    assertThat(SMALL.parameters()).isEqualTo(SMALL_PARAMETERS);
    assertThat(flops)
        .containsEntry(Convention.SIX_N, count(6 * SMALL_PARAMETERS))
        .containsEntry(Convention.EIGHT_N, count(8 * SMALL_PARAMETERS))
        .containsEntry(Convention.KAPLAN_SIX_N, count(6 * 2 * (4 * 36 + 2 * 60)))
        .containsEntry(Convention.KAPLAN, count(6 * 2 * (4 * 36 + 2 * 60) + 6 * 2 * 5 * 6))
        .containsEntry(Convention.PALM, count(6 * (SMALL_PARAMETERS - 5 * 6) + 12 * 2 * 3 * 2 * 5))
        .containsEntry(Convention.MEGATRON, count(72 * 2 * 36 + 12 * 2 * 6 * 5 + 6 * 6 * 7))
        .containsEntry(
            Convention.CHINCHILLA,
            count(
                3
                    * (2 * 7 * 6
                        + 2
                            * (6 * 6 * 6
                                + 2 * 5 * 6
                                + 3 * 3 * 5
                                + 2 * 5 * 6
                                + 2 * 6 * 6
                                + 4 * 6 * 10)
                        + 2 * 6 * 7)))
        .containsEntry(
            Convention.CHINCHILLA_BODY,
            count(3 * 2 * (6 * 6 * 6 + 2 * 5 * 6 + 3 * 3 * 5 + 2 * 5 * 6 + 2 * 6 * 6 + 4 * 6 * 10)))
        .containsEntry(
            Convention.NANOGPT, count(6 * (SMALL_PARAMETERS - 5 * 6) + 12 * 2 * 3 * 2 * 5))
        .containsEntry(Convention.LLM_C, count(6 * SMALL_PARAMETERS + 6 * 2 * 6 * 5))
        .containsEntry(
            Convention.FLOP_COUNTER_MODE,
            count(6 * 2 * (4 * 36 + 2 * 60) + 6 * 6 * 7 + 14 * 2 * 6 * 5))
        .hasSize(Convention.values().length);
  }

  @Test
  void nanoGptCpuModelByPalm() {
    assertThat(Convention.PALM.flops(NANOGPT_CPU, count(1000))).isEqualTo(count(5_168_640_000L));
  }

  @Test
  void flopCounterModeExceedsTheExecutedProductsByOneMoreScoreProduct() {
    BigInteger executed = MatrixProducts.trainingStep(NANOGPT_CPU, 1, 64).flops();
    BigInteger scoresOnce = count(2L * 4 * 4 * 64 * 64 * 32);

    assertThat(Convention.FLOP_COUNTER_MODE.flops(NANOGPT_CPU, count(64)))
        .isEqualTo(executed.add(scoresOnce));
  }

  /** Three products of the keys' width and two of the values', and one of each forward. */
  @Test
  void flopCounterModeTellsKeysFromValues() {
    TransformerShape shape = Preset.named("deepseek-v3").orElseThrow().shape();
    BigInteger channels = count(61L * 4096).multiply(count(128L * (8 * 192 + 6 * 128)));
    BigInteger matrices = count(6).multiply(count(shape.activeBlockMatrices() + 7168L * 129_280));

    assertThat(Convention.FLOP_COUNTER_MODE.flops(shape, BigInteger.ONE))
        .isEqualTo(matrices.add(channels));
    assertThat(channels.add(matrices)).isEqualTo(count(293_433_114_624L));
  }

  @Test
  void megatron1700MillionIteration() {
    TransformerShape shape = TransformerShape.gpt2(24, 2304, 24, 51200, 2048);
    BigInteger tokens = count(512L * 2048);

    assertThat(Convention.megatronWithRecompute(shape, tokens).doubleValue())
        .isCloseTo(1.5467e16, within(0.0001e16));
    // 3/4 of the recomputing figure but for the logits, which are never recomputed
    BigInteger logits = count(6L * 2304 * 51200).multiply(tokens);
    assertThat(Convention.MEGATRON.flops(shape, tokens).subtract(logits).multiply(count(4)))
        .isEqualTo(
            Convention.megatronWithRecompute(shape, tokens).subtract(logits).multiply(count(3)));
  }

  @ParameterizedTest
  @CsvSource({
    "BERT-Base,      109,  250, 1.64e20,  1.89",
    "GPT-3 Small,    125,  300, 2.25e20,  2.60",
    "GPT-3 XL,      1320,  300, 2.38e21, 27.5",
    "GPT-3 13B,    12850,  300, 2.31e22, 268",
    "GPT-3 175B,  174600,  300, 3.14e23, 3640",
  })
  void sixNGivesTableD1OfTheGpt3Paper(
      String model, long millions, long billions, double flops, double petaflopDays) {
    BigInteger parameters = count(millions * 1_000_000);
    BigInteger tokens = count(billions * 1_000_000_000);

    Map<Convention, BigInteger> run = Convention.ofRun(parameters, tokens);

    assertThat(run).as(model).containsOnlyKeys(Convention.SIX_N, Convention.EIGHT_N);
    double counted = run.getOrDefault(Convention.SIX_N, BigInteger.ZERO).doubleValue();
    assertThat(counted).isCloseTo(flops, within(0.004 * flops));
    assertThat(counted / FLOPS_PER_PETAFLOP_DAY)
        .isCloseTo(petaflopDays, within(0.004 * petaflopDays));
  }

  /**
   * Hoffmann et al. 2022, table A4: their count of FLOPs by 6·N·D. Their count was made without
   * embedding and logits; 73M at width 640 for example 6·12·10·640² of the blocks, 12·10·640·2048
   * of attention and 9·10·10·2048 of the softmax, by 6·73.8M.
   */
  @ParameterizedTest
  @CsvSource({
    "chinchilla-74m,   1.03",
    "chinchilla-306m,  1.10",
    "chinchilla-552m,  1.08",
    "chinchilla-1143m, 1.04",
    "chinchilla-1593m, 1.03",
    "chinchilla-6796m, 0.99",
  })
  void chinchillaBodyGivesTableA4(String preset, double ratio) {
    TransformerShape shape = Preset.named(preset).orElseThrow().shape();
    double body = Convention.CHINCHILLA_BODY.perToken(shape).doubleValue();

    assertThat(body / Convention.SIX_N.perToken(shape).doubleValue())
        .isCloseTo(ratio, within(0.005));
  }

  /**
   * Kaplan et al. 2020, table 1, forward FLOPs of a token, for L 12, d 768, f 3072, T 1024:
   * 2·12·768·3·768 for queries, keys and values, 2·12·1024·768 for the mask, 2·12·768·768 for the
   * projection, 2·12·2·768·3072 for the network.
   */
  @Test
  void kaplanIsThreeTimesTheRowsOfTable1() {
    TransformerShape shape = TransformerShape.gpt2(12, 768, 12, 50257, 1024);
    long rows = 42_467_328L + 18_874_368 + 14_155_776 + 113_246_208;

    assertThat(Convention.KAPLAN.perToken(shape)).isEqualTo(count(3 * rows));
    assertThat(Convention.KAPLAN_SIX_N.perToken(shape)).isEqualTo(count(3 * (rows - 18_874_368)));
  }

  @Test
  void negativeTokensAreRefused() {
    assertThatThrownBy(() -> Convention.PALM.flops(SMALL, count(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  private static BigInteger count(long value) {
    return BigInteger.valueOf(value);
  }
}
