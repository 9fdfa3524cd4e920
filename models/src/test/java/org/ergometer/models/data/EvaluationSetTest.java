package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationSetTest {

  private static final TokenSequence COUNTING = TokenSequence.of(IntStream.range(0, 101).toArray());

  @Test
  void windowsAreEvenlySpacedFromFirstTokenToLast() {
    EvaluationSet set = new EvaluationSet(COUNTING, 6, 3, 10);

    // 6 windows over offsets 0 … 101 - 10 - 1 = 90, that is one every 90 / 5 = 18
    assertThat(starts(set)).containsExactly(0, 18, 36, 54, 72, 90);
    assertThat(set.tokens()).isEqualTo(6 * 10);
  }

  @Test
  void isTheSameEveryTime() {
    EvaluationSet set = new EvaluationSet(COUNTING, 6, 3, 10);

    assertThat(starts(set)).isEqualTo(starts(set));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 100})
  void holdsTheSameWindowsHoweverManyAreGoneThroughAtOnce(int batch) {
    EvaluationSet set = new EvaluationSet(COUNTING, 6, batch, 10);

    assertThat(starts(set)).containsExactly(0, 18, 36, 54, 72, 90);
    assertThat(set.tokens()).isEqualTo(6 * 10);
    // of the windows' first tokens, (0 + 18 + … + 90) / 6
    assertThat(set.mean(windows -> windows.inputs().getColumn(0).meanNumber().doubleValue()))
        .isCloseTo(45, within(1e-12));
  }

  @Test
  void averagesOverBatches() {
    EvaluationSet set = new EvaluationSet(COUNTING, 2, 1, 100);

    // two batches of the only window there is
    assertThat(set.mean(batch -> batch.inputs().getInt(0, 99))).isEqualTo(99);
    double[] losses = {1, 4};
    int[] next = {0};
    assertThat(set.mean(batch -> losses[next[0]++])).isEqualTo((1.0 + 4.0) / 2);
  }

  @Test
  void needsOneWindow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvaluationSet(TokenSequence.of(new int[10]), 1, 1, 10))
        .withMessageStartingWith(
            "validation data must hold at least context + 1 = 11 tokens, got 10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvaluationSet(COUNTING, 0, 1, 10))
        .withMessage("an evaluation set must hold >= 1 window, got 0; set --eval-batches");
  }

  private static List<Integer> starts(EvaluationSet set) {
    List<Integer> starts = new ArrayList<>();
    set.mean(
        batch -> {
          for (int[] row : batch.inputs().toIntMatrix()) {
            starts.add(row[0]);
          }
          return 0;
        });
    return starts;
  }
}
