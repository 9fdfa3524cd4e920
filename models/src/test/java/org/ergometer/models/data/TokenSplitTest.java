package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenSplitTest {

  @Test
  void holdsOutTheLastTenth() {
    TokenSplit split = TokenSplit.tail(TokenSequence.of(IntStream.range(0, 109).toArray()), 9);

    // 109 / 10 = 10 tokens are held out, 99 are left
    assertThat(tokens(split.training())).hasSize(99).startsWith(0).endsWith(98);
    assertThat(tokens(split.validation())).hasSize(10).startsWith(99).endsWith(108);
    assertThat(split.tokens()).isEqualTo(109);
  }

  @Test
  void needsAWindowInEachPart() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenSplit.tail(TokenSequence.of(new int[99]), 9))
        .withMessage(
            "data must hold at least 100 tokens for context 9 (the last tenth is held out), got 99;"
                + " give more text with --data or a smaller --context");
    assertThat(TokenSplit.tail(TokenSequence.of(new int[100]), 9).validation().length())
        .isEqualTo(10);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TokenSplit.ofDocuments(
                    TokenSequence.of(new int[100]), TokenSequence.of(new int[9]), 9))
        .withMessageContaining("at least 10 tokens on each side of the split for context 9")
        .withMessageContaining("got 100 to train on and 9 held out");
  }

  private static int[] tokens(TokenSequence sequence) {
    int[] tokens = new int[Math.toIntExact(sequence.length())];
    sequence.copy(0, tokens, 0, tokens.length);
    return tokens;
  }
}
