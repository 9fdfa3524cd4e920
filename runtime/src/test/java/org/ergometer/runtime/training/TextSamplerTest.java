package org.ergometer.runtime.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.models.tokenizer.BytePairTokenizer;
import org.ergometer.models.tokenizer.ByteTokenizer;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.junit.jupiter.api.Test;

class TextSamplerTest {

  private static final CharacterTokenizer LETTERS = CharacterTokenizer.of("abcd");

  /**
   * Prefers the letter after the last one it reads, by a logit of 2 over 0; notes what it reads.
   */
  private static class Alphabet implements TextSampler.Reader {

    final List<String> read = new ArrayList<>();

    @Override
    public int context() {
      return 4;
    }

    @Override
    public void clear() {
      read.add("|");
    }

    @Override
    public float[] read(int... tokens) {
      read.add(LETTERS.decode(tokens));
      float[] logits = new float[LETTERS.vocabularySize()];
      logits[(tokens[tokens.length - 1] + 1) % logits.length] = 2;
      return logits;
    }
  }

  private final Alphabet model = new Alphabet();
  private final TextSampler sampler = new TextSampler(model, LETTERS);

  private String write(String prompt, int count, TokenDraw draw) {
    return sampler.write(prompt, count, draw, piece -> {}).text();
  }

  @Test
  void continuesThePrompt() {
    assertThat(write("abca", 6, new TokenDraw(0, 1))).isEqualTo("bcdabc");
    assertThat(write("", 3, new TokenDraw(0, 1))).isEqualTo("bcd");
  }

  @Test
  void readsEachTokenOnceUntilTheContextIsFull() {
    TextSampler.Written written = sampler.write("da", 8, new TokenDraw(0, 1), piece -> {});

    // "dabc" fills the context of 4: it goes on from the last 2 of "dabcd", and so again
    assertThat(model.read)
        .containsExactly("|", "da", "b", "c", "|", "cd", "a", "b", "|", "bc", "d");
    assertThat(written.restarts()).isEqualTo(2);
    assertThat(written.promptTokens()).isEqualTo(2);
    // 8 predictions of 4 + 4 + 3 tokens; 2·2 + 3 + 4 scores before the context is full, and so on
    assertThat(written.work())
        .isEqualTo(new DecodingWork(8, 11, (4 + 3 + 4) + (4 + 3 + 4) + (4 + 3)));
  }

  @Test
  void ofALongPromptItReadsTheEnd() {
    TextSampler.Written written = sampler.write("abcdabc", 1, new TokenDraw(0, 1), piece -> {});

    assertThat(model.read).containsExactly("|", "dabc");
    assertThat(written.promptTokens()).isEqualTo(7);
    assertThat(written.restarts()).isZero();
    assertThat(written.text()).isEqualTo("d");
  }

  @Test
  void aContextOfOneTokenIsEnough() {
    Alphabet one =
        new Alphabet() {
          @Override
          public int context() {
            return 1;
          }
        };

    assertThat(
            new TextSampler(one, LETTERS).write("ab", 3, new TokenDraw(0, 1), piece -> {}).text())
        .isEqualTo("cda");
    assertThat(one.read).containsExactly("|", "b", "|", "c", "|", "d");
  }

  @Test
  void sameSeedGivesSameText() {
    String text = write("a", 50, new TokenDraw(1, 7));

    assertThat(write("a", 50, new TokenDraw(1, 7))).isEqualTo(text);
    assertThat(write("a", 50, new TokenDraw(1, 8))).isNotEqualTo(text);
    // a high temperature makes all letters about equally likely
    assertThat(write("a", 50, new TokenDraw(1e6, 7))).contains("a", "b", "c", "d");
  }

  @Test
  void handsOutWholeCharacters() {
    byte[] bytes = "é𝕏z".getBytes(UTF_8);
    int[] next = {0};
    Alphabet writer =
        new Alphabet() {
          @Override
          public float[] read(int... tokens) {
            float[] logits = new float[256];
            logits[Byte.toUnsignedInt(bytes[next[0]++])] = 1;
            return logits;
          }
        };
    List<String> pieces = new ArrayList<>();

    TextSampler.Written written =
        new TextSampler(writer, new ByteTokenizer())
            .write("x", bytes.length, new TokenDraw(0, 1), pieces::add);

    assertThat(written.text()).isEqualTo("é𝕏z");
    assertThat(pieces).containsExactly("é", "𝕏", "z");
  }

  @Test
  void stopsBeforeATextAndHandsOutWhatCannotBecomeOne() {
    List<String> pieces = new ArrayList<>();
    int[] prompt = sampler.prompt("a", SpecialTokens.TOKEN);

    TextSampler.Written written =
        sampler.write(
            prompt, new Extent(50, List.of("zz", "dab"), false), new TokenDraw(0, 1), pieces::add);

    assertThat(written.text()).isEqualTo("bc");
    assertThat(pieces).containsExactly("b", "c");
    assertThat(written.tokens()).isEqualTo(5);
    assertThat(written.work().predictions()).isEqualTo(5);
    assertThat(written.end()).isEqualTo(TextSampler.End.STOP);
    assertThat(written.end().label()).isEqualTo("stop");
    pieces.clear();
    // "da" may become "dad", and does not
    written =
        sampler.write(
            prompt, new Extent(4, List.of("dad"), false), new TokenDraw(0, 1), pieces::add);
    assertThat(pieces).containsExactly("b", "c", "da");
    assertThat(written.end()).isEqualTo(TextSampler.End.TOKENS);
  }

  @Test
  void endsWithTheTokenThatEndsAText() {
    BytePairTokenizer bytes = endOfTextAfterBytes();
    int[] next = {'a', 'b', 256, 'c'};
    Alphabet writer =
        new Alphabet() {
          @Override
          public float[] read(int... tokens) {
            float[] logits = new float[257];
            logits[next[count++ % next.length]] = 1;
            return logits;
          }

          private int count;
        };
    TextSampler ending = new TextSampler(writer, bytes);
    int[] prompt = ending.prompt("", SpecialTokens.TOKEN);

    assertThat(prompt).containsExactly(256);
    assertThat(ending.prompt("x<|endoftext|>", SpecialTokens.TOKEN)).containsExactly('x', 256);
    TextSampler.Written written =
        ending.write(prompt, new Extent(8, List.of(), false), new TokenDraw(0, 1), piece -> {});
    assertThat(written.text()).isEqualTo("ab");
    assertThat(written.tokens()).isEqualTo(3);
    assertThat(written.end()).isEqualTo(TextSampler.End.END_OF_TEXT);
    written =
        ending.write(prompt, new Extent(4, List.of(), true), new TokenDraw(0, 1), piece -> {});
    assertThat(written.text()).isEqualTo("cab<|endoftext|>");
    assertThat(written.end()).isEqualTo(TextSampler.End.TOKENS);
  }

  private static BytePairTokenizer endOfTextAfterBytes() {
    List<String> vocabulary = new ArrayList<>(BytePairTokenizer.ofBytes().vocabulary());
    vocabulary.add("<|endoftext|>");
    return BytePairTokenizer.of(vocabulary, List.of());
  }

  @Test
  void saysValueRuleAndRemedy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write("a", 0, new TokenDraw(1, 1)))
        .withMessage("tokens must be >= 1, got 0; set --tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Extent(1, List.of(""), false))
        .withMessage("stop must be a text, got none; leave --stop out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write("xyz", 1, new TokenDraw(1, 1)))
        .withMessageContaining("character \"x\"");
  }
}
