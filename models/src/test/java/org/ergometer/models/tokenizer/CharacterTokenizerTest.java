package org.ergometer.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CharacterTokenizerTest {

  @Test
  void numbersCharactersInCodePointOrder() {
    CharacterTokenizer tokenizer = CharacterTokenizer.of("banana bread");

    assertThat(tokenizer.characters()).isEqualTo(" abdenr");
    assertThat(tokenizer.vocabularySize()).isEqualTo(7);
    assertThat(tokenizer.encode("bad")).containsExactly(2, 1, 3);
  }

  @Test
  void givesBackTextWithCharactersOutsideTheBasicPlane() {
    String text = "Zoë\n\t𝕏-ray";
    CharacterTokenizer tokenizer = CharacterTokenizer.of(text);

    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    assertThat(tokenizer.encode("𝕏")).hasSize(1);
  }

  @Test
  void isRestoredFromItsCharacters() {
    CharacterTokenizer tokenizer = CharacterTokenizer.of("the quick brown fox");

    CharacterTokenizer restored = CharacterTokenizer.of(tokenizer.characters());

    assertThat(restored).isEqualTo(tokenizer).hasSameHashCodeAs(tokenizer);
    assertThat(restored).isNotEqualTo(CharacterTokenizer.of("another alphabet"));
  }

  @Test
  void rejectsCharactersItHasNotSeen() {
    CharacterTokenizer tokenizer = CharacterTokenizer.of("abc");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("abé"))
        .withMessage(
            "character \"é\" (U+00E9) at position 2 is not among the 3 characters the vocabulary was"
                + " made of; leave it out or use --tokenizer byte");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("\n"))
        .withMessageStartingWith("character U+000A at position 0");
  }

  @Test
  void rejectsTokensOfAnotherVocabulary() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CharacterTokenizer.of("abc").decode(0, 3))
        .withMessage("token must be in [0, 3), got 3; it comes from another tokenizer");
  }

  @Test
  void needsText() {
    assertThatIllegalArgumentException().isThrownBy(() -> CharacterTokenizer.of(""));
  }
}
