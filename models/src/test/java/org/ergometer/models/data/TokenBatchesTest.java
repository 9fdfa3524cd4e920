package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TokenBatchesTest {

  private static final TokenSequence COUNTING =
      TokenSequence.of(IntStream.range(0, 1000).toArray());

  @Test
  void targetsAreInputsMovedOnByOne() {
    TokenBatch batch = new TokenBatches(COUNTING, 3, 5, WindowOrder.RANDOM, 1).next();

    assertThat(batch.inputs().dataType()).isEqualTo(DataType.INT32);
    assertThat(batch.inputs().shape()).containsExactly(3, 5);
    int[][] inputs = batch.inputs().toIntMatrix();
    int[][] targets = batch.targets().toIntMatrix();
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 5; column++) {
        assertThat(inputs[row][column]).isEqualTo(inputs[row][0] + column);
        assertThat(targets[row][column]).isEqualTo(inputs[row][column] + 1);
      }
    }
  }

  @Test
  void sameSeedGivesSameBatches() {
    assertThat(starts(new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 7), 5))
        .isEqualTo(starts(new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 7), 5))
        .isNotEqualTo(starts(new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 8), 5));
  }

  @Test
  void continuesFromAPosition() {
    TokenBatches batches = new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 7);
    starts(batches, 3);
    long position = batches.state();
    List<Integer> following = starts(batches, 3);

    TokenBatches others = new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 99);
    others.restore(position);

    assertThat(starts(others, 3)).isEqualTo(following);
  }

  @Test
  void refillsTheSameArrays() {
    TokenBatches batches = new TokenBatches(COUNTING, 2, 4, WindowOrder.RANDOM, 7);
    INDArray inputs = batches.next().inputs();

    assertThat(batches.next().inputs()).isSameAs(inputs);
  }

  @Test
  void everyWindowCanBeDrawn() {
    // 6 tokens hold exactly two windows of 4 with their targets
    assertThat(
            starts(
                new TokenBatches(TokenSequence.of(0, 1, 2, 3, 4, 5), 2, 4, WindowOrder.RANDOM, 7),
                50))
        .containsOnly(0, 1)
        .contains(0, 1);
  }

  @Test
  void shuffledWindowsComeOnceEach() {
    // 1000 tokens hold 99 windows of 10 with their targets, 33 batches of 3
    TokenBatches batches = new TokenBatches(COUNTING, 3, 10, WindowOrder.SHUFFLED, 7);

    List<Integer> round = starts(batches, 33);
    long position = batches.state();
    List<Integer> next = starts(batches, 33);

    List<Integer> all = IntStream.range(0, 99).mapToObj(window -> window * 10).toList();
    assertThat(round).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(all);
    assertThat(next).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(round);
    batches.restore(position);
    assertThat(starts(batches, 33)).isEqualTo(next);
  }

  @Test
  void needsOneWindowAndOneRow() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new TokenBatches(TokenSequence.of(new int[4]), 1, 4, WindowOrder.RANDOM, 0))
        .withMessage(
            "training data must hold at least context + 1 = 5 tokens, got 4; give more with --data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenBatches(COUNTING, 0, 4, WindowOrder.RANDOM, 0))
        .withMessage("batch must be >= 1, got 0; set --batch");
  }

  private static List<Integer> starts(TokenBatches batches, int count) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (int[] row : batches.next().inputs().toIntMatrix()) {
        starts.add(row[0]);
      }
    }
    return starts;
  }
}
