package org.ergometer.models.tokenizer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.ergometer.models.data.Corpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairTest {

  private final Gpt2Tokenizer gpt2 = new Gpt2Tokenizer();

  /** Five words: "ab" occurs 5 times, then "abc" 3 times, then " abc" twice. */
  @Test
  void theMostFrequentPairBecomesATokenFirst() {
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.add("abc abc abc abd ab");

    BytePairTokenizer tokenizer = trainer.train(260, tokens -> {});

    assertThat(tokenizer.merges()).containsExactly("a b", "\u0120 ab", "\u0120ab c");
    assertThat(tokenizer.vocabularySize()).isEqualTo(259);
    assertThat(tokenizer.encode(" abc")).containsExactly(258);
    assertThat(tokenizer.encode("abc")).hasSize(2);
  }

  @Test
  void sameTextGivesTheSameVocabulary() {
    assertThat(trained(600)).isEqualTo(trained(600));
    assertThat(trained(600).merges().subList(0, 400 - 256)).isEqualTo(trained(400).merges());
  }

  @Test
  void aVocabularyOfTheNovelShortensItAndGivesItBack() throws IOException {
    String text = Corpus.standard().text();

    int[] tokens = trained(600).encode(text);

    assertThat(tokens.length).isLessThan(text.length() * 6 / 10);
    assertThat(trained(600).decode(tokens)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void anyBytesComeBack(long seed) {
    byte[] bytes = new byte[5000];
    new Random(seed).nextBytes(bytes);
    // whole words and broken characters among them
    System.arraycopy("don't do that, d\u00e9j\u00e0 vu ".getBytes(UTF_8), 0, bytes, 100, 25);
    BytePairTokenizer tokenizer = trained(400);

    assertThat(tokenizer.decodeBytes(tokenizer.encode(bytes))).isEqualTo(bytes);
  }

  /** Our merging over GPT-2's own merges gives the tokens that jtokkit gives. */
  @Test
  void agreesWithGpt2() throws IOException {
    BytePairTokenizer ours = gpt2Merges();
    assertThat(ours.vocabularySize()).isEqualTo(50_256);
    String novel = Corpus.standard().text().substring(0, 200_000);

    for (String text :
        List.of(
            novel,
            "It's 1859, and we'll see they've  gone;\n\n\t tabs,   spaces \u00e9t\u00e9 \u4e2d\u6587 \ud83d\ude00!?",
            "x = {'a': [1, 22, 333]}  # \u00bd \u2460\n    return x\n",
            " leading",
            "trailing ",
            "\n",
            "   ",
            "")) {
      assertThat(ours.encode(text)).isEqualTo(gpt2.encode(text));
      assertThat(ours.decode(ours.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void gpt2KnowsItsOwnTokens() {
    assertThat(gpt2.encode("Hello world")).containsExactly(15496, 995);
    assertThat(gpt2.decode(15496, 995, 50256)).isEqualTo("Hello world<|endoftext|>");
    assertThat(gpt2.encode("<|endoftext|>").length).isGreaterThan(1);
    assertThat(gpt2.vocabularySize()).isEqualTo(50_257);
    assertThatThrownBy(() -> gpt2.decode(50_257))
        .hasMessage("token must be in [0, 50257), got 50257; it comes from another tokenizer");
  }

  @Test
  void whatIsNoVocabularyIsRefused() {
    assertThatThrownBy(() -> new BytePairTrainer().train(300, tokens -> {}))
        .hasMessage("a vocabulary must be made from text, got none; set --data");
    assertThatThrownBy(() -> trained(255))
        .hasMessage("vocabulary must be >= 256, a token for each byte, got 255; set --vocabulary");
    assertThatThrownBy(() -> BytePairTokenizer.of(List.of("a", "b"), List.of()))
        .hasMessageContaining("the vocabulary has no token");
    List<String> bytes = trained(256).vocabulary();
    assertThatThrownBy(() -> BytePairTokenizer.of(bytes, List.of("a b")))
        .hasMessageContaining("the vocabulary has no token \"ab\"");
    assertThatThrownBy(() -> BytePairTokenizer.of(bytes, List.of("a b c")))
        .hasMessageContaining("a merge must be two tokens");
  }

  private static BytePairTokenizer trained(int vocabulary) {
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.add(Corpus.standard().text());
    return trainer.train(vocabulary, tokens -> {});
  }

  /** The merges that a list of tokens by rank amounts to: what each was last put together from. */
  private static BytePairTokenizer gpt2Merges() throws IOException {
    Map<String, Integer> ranks = new HashMap<>();
    List<byte[]> tokens = new ArrayList<>();
    try (InputStream list =
        Gpt2Tokenizer.class.getResourceAsStream("/com/knuddels/jtokkit/r50k_base.tiktoken")) {
      for (String line :
          new String(Objects.requireNonNull(list).readAllBytes(), US_ASCII).split("\n", -1)) {
        if (!line.isEmpty()) {
          byte[] bytes = Base64.getDecoder().decode(line.substring(0, line.indexOf(' ')));
          ranks.put(ByteAlphabet.print(bytes), tokens.size());
          tokens.add(bytes);
        }
      }
    }
    List<String> merges = new ArrayList<>();
    for (byte[] token : tokens) {
      if (token.length > 1) {
        merges.add(parts(token, ranks));
      }
    }
    return BytePairTokenizer.of(tokens.stream().map(ByteAlphabet::print).toList(), merges);
  }

  private static String parts(byte[] token, Map<String, Integer> ranks) {
    int own = ranks.getOrDefault(ByteAlphabet.print(token), 0);
    List<String> parts = new ArrayList<>();
    for (byte each : token) {
      parts.add(ByteAlphabet.print(each));
    }
    while (parts.size() > 2) {
      int at = -1;
      int best = own;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int rank = ranks.getOrDefault(parts.get(i) + parts.get(i + 1), own);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
    return parts.get(0) + " " + parts.get(1);
  }
}
