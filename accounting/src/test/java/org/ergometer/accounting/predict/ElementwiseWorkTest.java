package org.ergometer.accounting.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.ElementwiseWork.Part;
import org.ergometer.accounting.predict.ElementwiseWork.Term;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementwiseWorkTest {

  /** L 2, C 8, H 2 (k 4), F 24, V 87, T 4, tied, no biases; B 3, so that there are 12 rows. */
  private static final TransformerShape SMALL =
      new TransformerShape(2, 8, 2, 24, 87, 4, true, false);

  private static final long SCORES = 3 * 2 * 4 * 4;

  /** Each figure is of one step, both blocks together. */
  @Test
  void everyPartOfASmallModel() {
    assertThat(ElementwiseWork.trainingStep(SMALL, 3, 4, Recompute.NONE).terms())
        .containsExactlyInAnyOrder(
            term(Part.EMBEDDING, Phase.FORWARD, 12 * 8),
            term(Part.EMBEDDING, Phase.BACKWARD, 2 * 12 * 8),
            term(Part.NORM, Phase.FORWARD, 5 * 12 * (6 * 8 + 5)),
            term(Part.NORM, Phase.BACKWARD, 5 * 12 * (10 * 8 + 2)),
            term(Part.SOFTMAX, Phase.FORWARD, 2 * 7 * SCORES),
            term(Part.SOFTMAX, Phase.BACKWARD, 2 * 4 * SCORES),
            term(Part.ACTIVATION, Phase.FORWARD, 2 * 8 * 12 * 24),
            term(Part.ACTIVATION, Phase.BACKWARD, 2 * 10 * 12 * 24),
            term(Part.RESIDUAL, Phase.FORWARD, 2 * 2 * 12 * 8),
            term(Part.RESIDUAL, Phase.BACKWARD, 2 * 2 * 12 * 8),
            term(Part.LOSS, Phase.BACKWARD, 6 * 12 * 87 + 4 * 12));
  }

  /**
   * Biases: 3·8 + 8 + 24 + 8 = 64 outputs of a block. Their gradients are sums of 12 rows in one
   * go, the largest divisor up to 16; of 20 rows in two of 10, whose sums are two more additions a
   * column.
   */
  @ParameterizedTest
  @CsvSource({"3, 12", "5, 22"})
  void biasesAddToOutputsAndNorms(long sequences, long additions) {
    TransformerShape shape = SMALL.withBias(true);
    long rows = 4 * sequences;

    assertThat(ElementwiseWork.trainingStep(shape, sequences, 4, Recompute.NONE).terms())
        .contains(
            term(Part.BIAS, Phase.FORWARD, 2 * 64 * rows),
            term(Part.BIAS, Phase.BACKWARD, 2 * 64 * additions),
            term(Part.NORM, Phase.FORWARD, 5 * rows * (7 * 8 + 5)),
            term(Part.NORM, Phase.BACKWARD, 5 * rows * (11 * 8 + 2)));
  }

  @Test
  void geluByTheErrorFunction() {
    TransformerShape shape = SMALL.toBuilder().activation(Activation.GELU_ERF).build();

    assertThat(ElementwiseWork.trainingStep(shape, 3, 4, Recompute.NONE).terms())
        .contains(
            term(Part.ACTIVATION, Phase.FORWARD, 2 * 5 * 12 * 24),
            term(Part.ACTIVATION, Phase.BACKWARD, 2 * 7 * 12 * 24));
  }

  /** Llama's: a root mean square, rotated heads, a gate, two query heads to a head of keys. */
  @Test
  void everyPartOfALlama() {
    TransformerShape shape =
        SMALL.toBuilder()
            .norm(Norm.RMSNORM)
            .positions(Positions.ROPE)
            .activation(Activation.SWIGLU)
            .keyValueHeads(1)
            .build();

    assertThat(ElementwiseWork.trainingStep(shape, 3, 4, Recompute.NONE).terms())
        .contains(
            term(Part.EMBEDDING, Phase.BACKWARD, 12 * 8),
            term(Part.NORM, Phase.FORWARD, 5 * 12 * (4 * 8 + 4)),
            term(Part.NORM, Phase.BACKWARD, 5 * 12 * (8 * 8 + 1)),
            term(Part.ROTATION, Phase.FORWARD, 2 * 3 * 12 * (2 + 1) * 4),
            term(Part.ROTATION, Phase.BACKWARD, 2 * 3 * 12 * (2 + 1) * 4),
            term(Part.ACTIVATION, Phase.FORWARD, 2 * 5 * 12 * 24),
            term(Part.ACTIVATION, Phase.BACKWARD, 2 * (6 * 12 * 24 + 12 * 8)))
        .noneMatch(term -> term.part() == Part.EMBEDDING && term.phase() == Phase.FORWARD);
  }

  /** Blocks' norms, softmax, activation and residual sums; of attention alone the softmax. */
  @Test
  void recomputationRepeatsTheBlocks() {
    BigInteger block =
        BigInteger.valueOf(2 * (2 * 12 * (6 * 8 + 5) + 7 * SCORES + 8 * 12 * 24 + 2 * 12 * 8));

    assertThat(recomputed(Recompute.NONE)).isZero();
    assertThat(recomputed(Recompute.FULL)).isEqualTo(block);
    assertThat(recomputed(Recompute.ATTENTION)).isEqualTo(2 * 7 * SCORES);
  }

  private static BigInteger recomputed(Recompute recompute) {
    return ElementwiseWork.trainingStep(SMALL, 3, 4, recompute).flops(Phase.RECOMPUTE);
  }

  /** Of N parameters all but 5 gains of 8 are matrices. */
  @Test
  void anUpdateOfAdamW() {
    long parameters = SMALL.parameters();

    assertThat(SMALL.matrixParameters()).isEqualTo(parameters - 5 * 8);
    // 2 a parameter and a root for the norm, 11 the rule, 2 the decay, 1 the subtraction
    assertThat(UpdateWork.ADAMW.flops(SMALL))
        .isEqualTo(14 * parameters + 1 + 2 * (parameters - 5 * 8));
    assertThat(new UpdateWork(8, false).flops(SMALL)).isEqualTo(11 * parameters + 1);
    assertThat(new UpdateWork(8, false, false, true, 70).flops(SMALL))
        .isEqualTo(14 * parameters + 1 + 70);
  }

  /** Two layers, 24 outputs of queries, keys and values, 12 rows that are summed in one go. */
  @Test
  void biasesAreOfTheLayersThatHaveThem() {
    TransformerShape shape = SMALL.toBuilder().qkvBias(true).build();

    assertThat(ElementwiseWork.trainingStep(shape, 3, 4, Recompute.NONE).terms())
        .filteredOn(term -> term.part() == Part.BIAS)
        .containsExactly(
            term(Part.BIAS, Phase.FORWARD, 2 * 24 * 12),
            term(Part.BIAS, Phase.BACKWARD, 2 * 24 * 12));
    // y * gain + bias of 8 channels in five norms
    TransformerShape norms = SMALL.toBuilder().normBias(true).build();
    assertThat(
            ElementwiseWork.trainingStep(norms, 3, 4, Recompute.NONE)
                .flops(Phase.FORWARD)
                .subtract(
                    ElementwiseWork.trainingStep(SMALL, 3, 4, Recompute.NONE).flops(Phase.FORWARD)))
        .isEqualTo(5 * 12 * 8);
  }

  /** Experts: a softmax over four of them, and two weighted outputs of 8 channels. */
  @Test
  void routingIsOfTheActiveExperts() {
    TransformerShape shape = SMALL.toBuilder().experts(4, 2).build();

    assertThat(ElementwiseWork.trainingStep(shape, 3, 4, Recompute.NONE).terms())
        .contains(
            term(Part.ACTIVATION, Phase.FORWARD, 2 * 2 * 8 * 12 * 24),
            term(Part.ROUTING, Phase.FORWARD, 2 * (5 * 12 * 4 + 2 * 12 * 2 * 8)),
            term(Part.ROUTING, Phase.BACKWARD, 2 * (4 * 12 * 4 + 2 * 12 * 2 * 8)));
  }

  /** A first block of 9 units, then two of four experts and a shared one, in latent attention. */
  @Test
  void everyPartOfAMixtureWithLatentAttention() {
    TransformerShape shape =
        SMALL.toBuilder()
            .norm(Norm.RMSNORM)
            .positions(Positions.ROPE)
            .activation(Activation.SWIGLU)
            .experts(4, 2)
            .sharedExperts(1)
            .denseLayers(1, 9)
            .routerBias(true)
            .latent(new LatentAttention(5, 6, 2, 3))
            .build();

    assertThat(ElementwiseWork.trainingStep(shape, 3, 4, Recompute.NONE).terms())
        .contains(
            term(
                Part.NORM,
                Phase.FORWARD,
                12 * (5 * (4 * 8 + 4) + 2 * (4 * 5 + 4) + 2 * (4 * 6 + 4))),
            term(Part.ROTATION, Phase.FORWARD, 2 * 3 * 12 * (2 + 1) * 2),
            term(Part.ACTIVATION, Phase.FORWARD, 5 * 12 * (9 + 3 * 24)),
            term(Part.ACTIVATION, Phase.BACKWARD, 6 * 12 * (9 + 3 * 24) + 12 * 8 * (1 + 3)),
            term(Part.ROUTING, Phase.FORWARD, 6 * 12 * 4 + 12 * 8 * (2 * 2 + 1)));
  }

  private static Term term(Part part, Phase phase, long flops) {
    return new Term(part, phase, BigInteger.valueOf(flops));
  }
}
