package org.ergometer.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.ergometer.models.data.Corpus;
import org.junit.jupiter.api.Test;

class Gpt2TokenizerTest {

  private static final Gpt2Tokenizer GPT2 = new Gpt2Tokenizer();
  private static final BytePairTokenizer PAIRS = Gpt2Tokenizer.bytePairs();

  /** As the files vocab.json and merges.txt that GPT-2 was published with begin and end. */
  @Test
  void thePairsAreThePublishedOnes() {
    assertThat(PAIRS.merges()).hasSize(50_000).startsWith("Ġ t", "Ġ a", "h e", "i n", "r e", "o n");
    assertThat(PAIRS.vocabulary())
        .hasSize(50_257)
        .startsWith("!", "\"", "#")
        .endsWith("<|endoftext|>");
    assertThat(PAIRS.vocabulary().get(256)).isEqualTo("Ġt");
    assertThat(PAIRS.endOfText()).isEqualTo(GPT2.endOfText());
  }

  @Test
  void bothGiveTheSameTokens() {
    String novel = Corpus.standard().text().substring(0, 50_000);
    assertThat(PAIRS.encode(novel)).isEqualTo(GPT2.encode(novel));
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder();
      for (int index = 0; index < 40; index++) {
        text.appendCodePoint(
            random.nextBoolean() ? 32 + random.nextInt(95) : random.nextInt(0x3000));
      }
      assertThat(PAIRS.encode(text.toString())).isEqualTo(GPT2.encode(text.toString()));
    }
  }

  @Test
  void bytesAreTokensByTheirValue() {
    BytePairTokenizer bytes = BytePairTokenizer.ofBytes();
    String text = "a né 𝕏\n\0";
    assertThat(bytes.encode(text)).isEqualTo(new ByteTokenizer().encode(text));
    assertThat(bytes.vocabularySize()).isEqualTo(256);
    assertThat(bytes.endOfText()).isEqualTo(new ByteTokenizer().endOfText());
  }
}
