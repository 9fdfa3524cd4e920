package org.ergometer.runtime.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TokenDrawTest {

  /** Probabilities 0.1, 0.4, 0.2, 0.3 at temperature 1. */
  private static final float[] LOGITS = {
    (float) Math.log(1), (float) Math.log(4), (float) Math.log(2), (float) Math.log(3)
  };

  @Test
  void temperatureZeroTakesTheLikeliest() {
    assertThat(drawn(new TokenDraw(0, 1))).containsExactly(1);
  }

  @Test
  void drawsNothingFromWhatIsNoNumber() {
    for (float none : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      for (double temperature : new double[] {0, 1}) {
        assertThat(new TokenDraw(temperature, 1).draw(new float[] {0, none, 1}))
            .isEqualTo(TokenDraw.NONE);
      }
    }
  }

  @Test
  void drawsByProbability() {
    TokenDraw draw = new TokenDraw(1, 5);
    int[] counts = new int[4];
    for (int index = 0; index < 20_000; index++) {
      counts[draw.draw(LOGITS)]++;
    }
    // standard deviations are below 0.0035 of all draws
    assertThat(counts[0] / 20_000.0).isBetween(0.085, 0.115);
    assertThat(counts[1] / 20_000.0).isBetween(0.385, 0.415);
    assertThat(counts[2] / 20_000.0).isBetween(0.185, 0.215);
  }

  @Test
  void topKKeepsTheLikeliest() {
    assertThat(drawn(new TokenDraw(1, 1, 1, 5))).containsExactly(1);
    assertThat(drawn(new TokenDraw(1, 2, 1, 5))).containsExactly(1, 3);
    assertThat(drawn(new TokenDraw(1, 3, 1, 5))).containsExactly(1, 2, 3);
    assertThat(drawn(new TokenDraw(1, 100, 1, 5))).containsExactly(0, 1, 2, 3);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    assertThat(drawn(new TokenDraw(1, null, 0.01, 5))).containsExactly(1);
    assertThat(drawn(new TokenDraw(1, null, 0.39, 5))).containsExactly(1);
    assertThat(drawn(new TokenDraw(1, null, 0.41, 5))).containsExactly(1, 3);
    assertThat(drawn(new TokenDraw(1, null, 0.89, 5))).containsExactly(1, 2, 3);
    assertThat(drawn(new TokenDraw(1, null, 0.91, 5))).containsExactly(0, 1, 2, 3);
  }

  /** Of the two likeliest, 4/7 and 3/7, the first reaches half. */
  @Test
  void topPIsOfWhatTopKLeaves() {
    assertThat(drawn(new TokenDraw(1, 2, 0.5, 5))).containsExactly(1);
    assertThat(drawn(new TokenDraw(1, null, 0.5, 5))).containsExactly(1, 3);
  }

  /** The temperature comes first: at 0.1 the first of them has 0.94. */
  @Test
  void topPIsOfSharpenedProbabilities() {
    assertThat(drawn(new TokenDraw(0.1, null, 0.9, 5))).containsExactly(1);
    assertThat(drawn(new TokenDraw(1, null, 0.9001, 5))).containsExactly(0, 1, 2, 3);
  }

  @Test
  void limitsThatExcludeNothingChangeNothing() {
    TokenDraw all = new TokenDraw(0.7, 9);
    TokenDraw limited = new TokenDraw(0.7, 50, 1, 9);
    Random random = new Random(3);
    for (int index = 0; index < 200; index++) {
      float[] logits = new float[50];
      for (int token = 0; token < logits.length; token++) {
        logits[token] = (float) random.nextGaussian();
      }
      assertThat(limited.draw(logits)).isEqualTo(all.draw(logits));
    }
  }

  @Test
  void negativeLogitsAreRankedToo() {
    float[] logits = {-3, -1, -2, -0.0f, Float.NEGATIVE_INFINITY};
    TokenDraw draw = new TokenDraw(1, 3, 1, 5);
    Set<Integer> seen = new TreeSet<>();
    for (int index = 0; index < 1000; index++) {
      seen.add(draw.draw(logits));
    }
    assertThat(seen).containsExactly(1, 2, 3);
  }

  @Test
  void saysValueRuleAndRemedy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenDraw(-1, 1))
        .withMessage("temperature must be >= 0, got -1.0; set --temperature");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenDraw(1, 0, 1, 1))
        .withMessage("top-k must be >= 1, got 0; set --top-k");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenDraw(1, null, 0, 1))
        .withMessage("top-p must be above 0 and at most 1, got 0.0; set --top-p");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenDraw(1, null, Double.NaN, 1))
        .withMessageContaining("top-p");
  }

  private static Set<Integer> drawn(TokenDraw draw) {
    Set<Integer> seen = new TreeSet<>();
    for (int index = 0; index < 2000; index++) {
      seen.add(draw.draw(LOGITS));
    }
    return seen;
  }
}
