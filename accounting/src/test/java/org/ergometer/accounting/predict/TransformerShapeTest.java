package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformerShapeTest {

  @ParameterizedTest
  @CsvSource({
    "12,  768, 12,   124439808",
    "24, 1024, 16,   354823168",
    "36, 1280, 20,   774030080",
    "48, 1600, 25,  1557611200",
  })
  void gpt2SizesHaveTheirPublishedParameterCounts(
      int layers, int width, int heads, long parameters) {
    assertThat(TransformerShape.gpt2(layers, width, heads, 50257, 1024).parameters())
        .isEqualTo(parameters);
  }

  @Test
  void nanoGptModelsWithoutBiases() {
    assertThat(TransformerShape.gpt2(12, 768, 12, 50257, 1024).withBias(false).parameters())
        .isEqualTo(124_337_664);
    // embeddings 65·128 + 64·128, blocks 4·(12·128² + 2·128), final norm 128
    assertThat(TransformerShape.gpt2(4, 128, 4, 65, 64).withBias(false).parameters())
        .isEqualTo(8_320 + 8_192 + 787_456 + 128)
        .isEqualTo(804_096);
  }

  @Test
  void untiedHeadIsAMatrixOfItsOwn() {
    TransformerShape tied = TransformerShape.gpt2(2, 8, 2, 11, 4);

    assertThat(tied.withTied(false).parameters() - tied.parameters()).isEqualTo(11 * 8);
    assertThat(tied.withTied(false).nonEmbeddingParameters())
        .isEqualTo(tied.nonEmbeddingParameters());
  }

  /**
   * Of 3 layers: (4 + 2 · 1) · 2 outputs of queries, keys and values; 2 norms of 8, and one more.
   */
  @Test
  void biasesMayBeOfSomeLayersOnly() {
    TransformerShape none =
        TransformerShape.gpt2(3, 8, 4, 11, 5).withBias(false).toBuilder().keyValueHeads(1).build();

    assertThat(none.toBuilder().qkvBias(true).build().parameters() - none.parameters())
        .isEqualTo(3 * 12);
    assertThat(none.toBuilder().normBias(true).build().parameters() - none.parameters())
        .isEqualTo((3 * 2 + 1) * 8);
    // the others': 8 of the projection, 32 and 8 of the feed-forward network
    assertThat(none.withBias(true).parameters() - none.parameters())
        .isEqualTo(3 * (12 + 8 + 32 + 8) + (3 * 2 + 1) * 8);
  }

  @Test
  void aBlockHasOneNormOrTwoOrFour() {
    TransformerShape two = TransformerShape.gpt2(3, 8, 4, 11, 5).withBias(false);

    assertThat(two.toBuilder().blockNorms(4).build().parameters() - two.parameters())
        .isEqualTo(3 * 2 * 8);
    assertThat(two.parameters() - two.toBuilder().blockNorms(1).build().parameters())
        .isEqualTo(3 * 8);
    assertThatThrownBy(() -> two.toBuilder().blockNorms(3).build())
        .hasMessage("block-norms must be 1, 2 or 4, got 3; set --block-norms");
  }

  /** Queries straight from the input; one norm, of the vector of keys and values. */
  @Test
  void latentAttentionHasItsOwnMatricesAndNorms() {
    TransformerShape plain =
        TransformerShape.gpt2(1, 8, 2, 11, 5).withBias(false).toBuilder()
            .positions(Positions.ROPE)
            .norm(Norm.RMSNORM)
            .build();
    TransformerShape latent = plain.toBuilder().latent(new LatentAttention(0, 6, 2, 3)).build();

    assertThat(plain.queryWidth()).isEqualTo(2 * 4);
    assertThat(latent.queryWidth()).isEqualTo(2 * (4 + 2));
    assertThat(latent.valueWidth()).isEqualTo(2 * 3);
    assertThat(latent.qkvWeights()).isEqualTo(8 * 12 + 8 * (6 + 2) + 6 * 2 * (4 + 3));
    assertThat(latent.parameters() - plain.parameters())
        .isEqualTo(latent.qkvWeights() + 6 * 8 + 6 - (8 * 24 + 8 * 8));
    assertThatThrownBy(() -> latent.toBuilder().bias(true).build())
        .hasMessageContaining("set --kv-latent 0");
    assertThatThrownBy(() -> new LatentAttention(0, 0, 2, 3))
        .hasMessage("kv-latent must be >= 1, got 0; set --kv-latent");
    assertThatThrownBy(() -> new LatentAttention(0, 6, 3, 3)).hasMessageContaining("must be even");
  }

  @Test
  void aMixtureMayHaveSharedExpertsAndDenseLayers() {
    TransformerShape none = TransformerShape.gpt2(3, 8, 2, 11, 5).withBias(false);
    TransformerShape mixture =
        none.toBuilder().experts(4, 2).sharedExperts(1).denseLayers(1, 20).build();

    // 2 of 3 blocks: 5 networks of 2 · 8 · 32 and a router of 8 · 4; one of 2 · 8 · 20
    assertThat(mixture.parameters() - none.parameters())
        .isEqualTo(2 * (5 * 512 + 32) + 320 - 3 * 512);
    assertThat(mixture.parameters() - mixture.activeParameters()).isEqualTo(2 * 2 * 512);
    assertThat(mixture.toBuilder().routerBias(true).build().parameters() - mixture.parameters())
        .isEqualTo(2 * 4);
    assertThatThrownBy(() -> none.toBuilder().sharedExperts(1).build())
        .hasMessageContaining("belong to a mixture of experts; set --experts");
    assertThatThrownBy(() -> mixture.toBuilder().denseLayers(3, 20).build())
        .hasMessageContaining("dense-layers must be below layers, got 3 of 3");
    assertThatThrownBy(() -> mixture.toBuilder().denseLayers(1, 0).build())
        .hasMessageContaining("dense-ffn must be >= 1");
  }

  @Test
  void headsMustDivideTheWidth() {
    assertThatThrownBy(() -> TransformerShape.gpt2(1, 100, 3, 10, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width 100 and heads 3")
        .hasMessageContaining("--heads");
  }
}
