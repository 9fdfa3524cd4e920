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

    assertThat(run).as(model).containsOnlyKeys(Convention.SIX_N);
    double counted = run.values().iterator().next().doubleValue();
    assertThat(counted).isCloseTo(flops, within(0.004 * flops));
    assertThat(counted / FLOPS_PER_PETAFLOP_DAY)
        .isCloseTo(petaflopDays, within(0.004 * petaflopDays));
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
