package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.junit.jupiter.api.Test;

class TextSamplerTest {

  private static final CharacterTokenizer LETTERS = CharacterTokenizer.of("abcd");

  /** Prefers the letter after the last one it sees, by a logit of 2 over 0. */
  private static float[] following(int[] window, int last) {
    float[] logits = new float[LETTERS.vocabularySize()];
    logits[(window[last] + 1) % logits.length] = 2;
    return logits;
  }

  @Test
  void continuesThePrompt() {
    TextSampler sampler = new TextSampler(TextSamplerTest::following, LETTERS, 3);

    assertThat(sampler.write("abca", 6, 0, 1, piece -> {})).isEqualTo("bcdabc");
    assertThat(sampler.write("", 3, 0, 1, piece -> {})).isEqualTo("bcd");
  }

  @Test
  void showsTheModelTheLastTokensOnly() {
    List<String> seen = new ArrayList<>();
    TextSampler sampler =
        new TextSampler(
            (window, last) -> {
              seen.add(LETTERS.decode(window).substring(0, last + 1));
              return following(window, last);
            },
            LETTERS,
            3);

    sampler.write("d", 4, 0, 1, piece -> {});

    assertThat(seen).containsExactly("d", "da", "dab", "abc");
  }

  @Test
  void sameSeedGivesSameText() {
    TextSampler sampler = new TextSampler(TextSamplerTest::following, LETTERS, 3);

    String text = sampler.write("a", 50, 1, 7, piece -> {});

    assertThat(sampler.write("a", 50, 1, 7, piece -> {})).isEqualTo(text);
    assertThat(sampler.write("a", 50, 1, 8, piece -> {})).isNotEqualTo(text);
    // a high temperature makes all letters about equally likely
    assertThat(sampler.write("a", 50, 1e6, 7, piece -> {})).contains("a", "b", "c", "d");
  }

  @Test
  void handsOutWholeCharacters() {
    byte[] bytes = "é𝕏z".getBytes(UTF_8);
    int[] next = {0};
    TextSampler sampler =
        new TextSampler(
            (window, last) -> {
              float[] logits = new float[256];
              logits[Byte.toUnsignedInt(bytes[next[0]++])] = 1;
              return logits;
            },
            new ByteTokenizer(),
            4);
    List<String> pieces = new ArrayList<>();

    assertThat(sampler.write("x", bytes.length, 0, 1, pieces::add)).isEqualTo("é𝕏z");
    assertThat(pieces).containsExactly("é", "𝕏", "z");
  }

  @Test
  void saysValueRuleAndRemedy() {
    TextSampler sampler = new TextSampler(TextSamplerTest::following, LETTERS, 3);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.write("a", 0, 1, 1, piece -> {}))
        .withMessage("tokens must be >= 1, got 0; set --tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.write("a", 1, -1, 1, piece -> {}))
        .withMessage("temperature must be >= 0, got -1.0; set --temperature");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.write("xyz", 1, 1, 1, piece -> {}))
        .withMessageContaining("character \"x\"");
  }
}
