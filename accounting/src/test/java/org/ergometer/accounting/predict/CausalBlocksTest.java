package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CausalBlocksTest {

  @Test
  void shortSequencesAreNotCut() {
    assertThat(CausalBlocks.queries(127)).isEqualTo(127);
    assertThat(CausalBlocks.scores(127)).isEqualTo(127 * 127);
    assertThat(CausalBlocks.scores(1)).isEqualTo(1);
  }

  @Test
  void eachBlockSeesItsKeysAndThoseBefore() {
    // 64·64 + 64·128 + 64·192 + 64·256, and the rest of a length that no block divides
    assertThat(CausalBlocks.scores(256)).isEqualTo(64 * (64 + 128 + 192 + 256));
    assertThat(CausalBlocks.scores(130)).isEqualTo(64 * 64 + 64 * 128 + 2 * 130);
  }

  @Test
  void whatTheMaskHidesIsTheDifferenceExactly() {
    TransformerShape shape = TransformerShape.gpt2(2, 8, 2, 11, 256);
    MatrixProducts step = MatrixProducts.trainingStep(shape, 3, 256);
    // for each of 2 blocks: 3 sequences, 2 heads of 4; two products forward and four backward
    long hidden = 256 * 256 - 64 * (64 + 128 + 192 + 256);
    assertThat(step.hiddenByCausality(256).flops()).isEqualTo(2L * 6 * 2 * 3 * 2 * 4 * hidden);
    assertThat(MatrixProducts.trainingStep(shape, 3, 100).hiddenByCausality(100))
        .isEqualTo(MatrixProducts.NONE);
  }
}
