package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Map;
import org.ergometer.accounting.op.Phase;
import org.junit.jupiter.api.Test;

class MatrixProductsTest {

  /** L 2, C 6, H 3 (k 2), F 10, V 7, T 5. */
  private static final TransformerShape SMALL =
      new TransformerShape(2, 6, 3, 10, 7, 5, true, false);

  private static final TransformerShape GPT2 = TransformerShape.gpt2(12, 768, 12, 50257, 1024);

  private static final TransformerShape NANOGPT_CPU =
      TransformerShape.gpt2(4, 128, 4, 65, 64).withBias(false);

  @Test
  void everyProductOfASmallModelIsTwoTimesItsThreeExtents() {
    Map<Component, BigInteger> block =
        new MatrixProducts(
                MatrixProducts.forwardPass(SMALL, 3, 4, Phase.EVALUATION).products().stream()
                    .filter(product -> product.layer().startsWith("block.1."))
                    .toList())
            .flopsBy(MatrixProduct::component);

    assertThat(block)
        .containsEntry(Component.QKV, count(2 * (3 * 4) * 6 * (3 * 6)))
        .containsEntry(Component.ATTENTION_SCORES, count(2 * 3 * 3 * 4 * 4 * 2))
        .containsEntry(Component.ATTENTION_VALUES, count(2 * 3 * 3 * 4 * 4 * 2))
        .containsEntry(Component.ATTENTION_PROJECTION, count(2 * (3 * 4) * 6 * 6))
        .containsEntry(Component.FEED_FORWARD_UP, count(2 * (3 * 4) * 6 * 10))
        .containsEntry(Component.FEED_FORWARD_DOWN, count(2 * (3 * 4) * 10 * 6))
        .hasSize(6);
  }

  /**
   * Two heads of 4 + 2 channels whose queries come from 5, keys and values of 3 from 6; a first
   * block with 9 hidden units, then 2 of 4 experts and one for all.
   */
  @Test
  void latentAttentionAndSharedExperts() {
    TransformerShape shape =
        new TransformerShape(2, 8, 2, 10, 7, 5, true, false)
            .toBuilder()
                .positions(Positions.ROPE)
                .activation(Activation.SWIGLU)
                .experts(4, 2)
                .sharedExperts(1)
                .denseLayers(1, 9)
                .latent(new LatentAttention(5, 6, 2, 3))
                .build();
    Map<String, BigInteger> flops =
        MatrixProducts.forwardPass(shape, 3, 4, Phase.EVALUATION)
            .flopsBy(product -> product.layer() + " " + product.component().label());

    long rows = 3 * 4;
    long weights = 8 * 5 + 5 * (2 * (4 + 2)) + 8 * (6 + 2) + 6 * (2 * (4 + 3));
    assertThat(flops)
        .containsEntry("block.1.attention qkv", count(2 * rows * weights))
        .containsEntry("block.1.attention attention_scores", count(2 * 3 * 2 * 16 * (4 + 2)))
        .containsEntry("block.1.attention attention_values", count(2 * 3 * 2 * 16 * 3))
        .containsEntry("block.1.attention attention_projection", count(2 * rows * (2 * 3) * 8))
        .containsEntry("block.0.feed_forward feed_forward_up", count(2 * rows * 8 * 9))
        .containsEntry("block.1.feed_forward feed_forward_up", count(2 * rows * 8 * 10 * (2 + 1)))
        .containsEntry("block.1.feed_forward router", count(2 * rows * 8 * 4))
        .doesNotContainKey("block.0.feed_forward router");
    // every weight that a token meets is multiplied and added once, three times in training
    assertThat(shape.activeBlockMatrices())
        .isEqualTo(2 * (weights + 2 * 3 * 8) + 3 * 8 * 9 + 3 * 8 * 10 * (2 + 1) + 8 * 4);
    long untied = shape.activeBlockMatrices() + 8 * 7;
    assertThat(MatrixProducts.trainingStep(shape, 3, 4).flops())
        .isEqualTo(6L * rows * untied + 3L * 2 * (2 * 3 * 2 * 16) * (4 + 2 + 3));
  }

  @Test
  void headIsOneProductWithTheVocabulary() {
    assertThat(
            MatrixProducts.forwardPass(SMALL, 3, 4, Phase.EVALUATION).flopsBy(MatrixProduct::layer))
        .containsEntry("head", count(2 * (3 * 4) * 6 * 7))
        .containsOnlyKeys(
            "block.0.attention",
            "block.0.feed_forward",
            "block.1.attention",
            "block.1.feed_forward",
            "head");
  }

  @Test
  void backwardIsTwiceForwardLayerByLayer() {
    MatrixProducts step = MatrixProducts.trainingStep(SMALL, 3, 4);
    Map<String, BigInteger> forward =
        MatrixProducts.forwardPass(SMALL, 3, 4, Phase.FORWARD).flopsBy(MatrixProduct::layer);

    Map<String, BigInteger> both = step.flopsBy(p -> p.phase().label() + " " + p.layer());
    assertThat(forward).isNotEmpty();
    forward.forEach(
        (layer, flops) ->
            assertThat(both)
                .containsEntry("forward " + layer, flops)
                .containsEntry("backward " + layer, flops.shiftLeft(1)));
    assertThat(step.flopsBy(MatrixProduct::phase)).containsOnlyKeys(Phase.FORWARD, Phase.BACKWARD);
  }

  @Test
  void gpt2StepOfOneFullSequenceIsWhatNanoGptPublishes() {
    assertThat(MatrixProducts.forwardPass(GPT2, 1, 1024, Phase.EVALUATION).flops())
        .isEqualTo(count(291_648_307_200L));
    assertThat(MatrixProducts.trainingStep(GPT2, 1, 1024).flops())
        .isEqualTo(count(874_944_921_600L));
  }

  @Test
  void nanoGptCpuModelTakes5161728FlopsPerToken() {
    assertThat(MatrixProducts.trainingStep(NANOGPT_CPU, 12, 64).flops())
        .isEqualTo(count(5_161_728L * 12 * 64));
  }

  @Test
  void shorterSequencesPayForTheirOwnSquareOnly() {
    // one token: scores and values are 2·H·k each, forward
    assertThat(
            MatrixProducts.forwardPass(SMALL, 1, 1, Phase.FORWARD)
                .flopsBy(MatrixProduct::component))
        .containsEntry(Component.ATTENTION_SCORES, count(2L * 2 * 3 * 1 * 1 * 2));
  }

  @Test
  void timesAndPlusKeepLayersApart() {
    MatrixProducts step = MatrixProducts.trainingStep(SMALL, 3, 4);

    assertThat(step.times(5).flops()).isEqualTo(step.flops().multiply(count(5)));
    assertThat(step.plus(step.times(4)).flopsBy(MatrixProduct::layer))
        .isEqualTo(step.times(5).flopsBy(MatrixProduct::layer));
    assertThat(MatrixProducts.NONE.plus(step).flops()).isEqualTo(step.flops());
    assertThat(step.times(0).flops()).isZero();
  }

  @Test
  void totalsPastTwoToThe63StayExact() {
    // 874 944 921 600 · 10^12
    assertThat(MatrixProducts.trainingStep(GPT2, 1, 1024).times(1_000_000_000_000L).flops())
        .isEqualTo(new BigInteger("874944921600000000000000"));
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatThrownBy(() -> MatrixProducts.trainingStep(SMALL, 0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batch must be >= 1, got 0; set --batch");
    assertThatThrownBy(() -> MatrixProducts.trainingStep(SMALL, 1, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a sequence has at most context = 5 tokens, got 6; set --context");
  }

  private static BigInteger count(long value) {
    return BigInteger.valueOf(value);
  }
}
