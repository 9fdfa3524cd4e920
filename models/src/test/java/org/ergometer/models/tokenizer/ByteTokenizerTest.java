package org.ergometer.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ByteTokenizerTest {

  private final ByteTokenizer tokenizer = new ByteTokenizer();

  @Test
  void encodesTheBytesOfUtf8() {
    assertThat(tokenizer.encode("aé")).containsExactly(0x61, 0xC3, 0xA9);
    assertThat(tokenizer.vocabularySize()).isEqualTo(256);
  }

  @Test
  void givesBackAnyText() {
    String text = "Zoë\n\t𝕏\u0000";

    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
  }

  @Test
  void decodesBytesThatAreNoUtf8ToTheReplacementCharacter() {
    assertThat(tokenizer.decode(0x61, 0xC3)).isEqualTo("a\uFFFD");
  }

  @Test
  void rejectsTokensThatAreNoBytes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.decode(256))
        .withMessage("token must be in [0, 256), got 256; it comes from another tokenizer");
  }
}
