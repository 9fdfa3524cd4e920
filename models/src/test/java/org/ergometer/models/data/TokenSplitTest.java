package org.ergometer.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenSplitTest {

  @Test
  void holdsOutTheLastTenth() {
    TokenSplit split = TokenSplit.of(IntStream.range(0, 109).toArray(), 9);

    // 109 / 10 = 10 tokens are held out, 99 are left
    assertThat(split.training()).hasSize(99).startsWith(0).endsWith(98);
    assertThat(split.validation()).hasSize(10).startsWith(99).endsWith(108);
  }

  @Test
  void needsAWindowInEachPart() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenSplit.of(new int[99], 9))
        .withMessage(
            "data must hold at least 100 tokens for context 9 (the last tenth is held out), got 99;"
                + " give more text with --data or a smaller --context");
    assertThat(TokenSplit.of(new int[100], 9).validation()).hasSize(10);
  }
}
