package org.ergometer.models.tokenizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2's vocabulary as jtokkit carries it, a list of tokens in the order in which they were made,
 * turned into the pairs they were made of: a token's pair is what is left of its bytes when all
 * earlier merges are done.
 */
final class Gpt2Vocabulary {

  private static final String RESOURCE = "/com/knuddels/jtokkit/r50k_base.tiktoken";

  private Gpt2Vocabulary() {}

  static BytePairTokenizer bytePairs(String endOfText) {
    List<String> vocabulary = tokens();
    Ranks ranks = new Ranks(vocabulary);
    List<String> merges = new ArrayList<>();
    for (int token = ByteAlphabet.SIZE; token < vocabulary.size(); token++) {
      merges.add(ranks.pair(token));
    }
    vocabulary.add(endOfText);
    return BytePairTokenizer.of(vocabulary, merges);
  }

  private static List<String> tokens() {
    List<String> tokens = new ArrayList<>();
    try (InputStream in = Gpt2Tokenizer.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("jtokkit has no " + RESOURCE);
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, ISO_8859_1));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] parts = line.split(" ", -1);
        if (Integer.parseInt(parts[1]) != tokens.size()) {
          throw new IllegalStateException("tokens of %s are not in order".formatted(RESOURCE));
        }
        tokens.add(ByteAlphabet.print(Base64.getDecoder().decode(parts[0])));
      }
      return tokens;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tokens in printable form by number, and the numbers. */
  private static final class Ranks {

    private final List<String> vocabulary;
    private final Map<String, Integer> numbers = new HashMap<>();

    Ranks(List<String> vocabulary) {
      this.vocabulary = vocabulary;
      for (int token = 0; token < vocabulary.size(); token++) {
        numbers.put(vocabulary.get(token), token);
      }
    }

    /** The two tokens that were merged into one, with a space between. */
    String pair(int token) {
      List<String> parts =
          new ArrayList<>(
              vocabulary.get(token).codePoints().mapToObj(Character::toString).toList());
      while (parts.size() > 2) {
        int best = Integer.MAX_VALUE;
        int at = -1;
        for (int index = 0; index + 1 < parts.size(); index++) {
          int rank =
              numbers.getOrDefault(parts.get(index) + parts.get(index + 1), Integer.MAX_VALUE);
          if (rank < best) {
            best = rank;
            at = index;
          }
        }
        parts.set(at, vocabulary.get(best));
        parts.remove(at + 1);
      }
      return String.join(" ", parts);
    }
  }
}
