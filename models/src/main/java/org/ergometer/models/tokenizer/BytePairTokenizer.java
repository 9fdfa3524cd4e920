package org.ergometer.models.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016; over bytes: Radford et al. 2019): within
 * each piece of text the pair of neighbours that was merged first in training is merged, until no
 * pair is left that was. Every byte is a token, so that nothing is without one.
 */
public final class BytePairTokenizer implements Tokenizer {

  public static final String NAME = "bpe";

  /** How vocabularies since GPT-2 write the token between documents. */
  private static final String END_OF_TEXT = "<|endoftext|>";

  private static final int CACHED_PIECES = 1 << 16;
  private static final int LOW_BITS = 32;

  private final List<String> vocabulary;
  private final List<String> merges;
  private final AddedTokens added;
  private final byte[][] bytesOf;
  private final int[] byteTokens = new int[ByteAlphabet.SIZE];
  private final Map<Long, Merge> mergeOf = new HashMap<>();
  private final Map<String, int[]> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, int[]> eldest) {
          return size() > CACHED_PIECES;
        }
      };

  private record Merge(int rank, int token) {}

  private BytePairTokenizer(List<String> vocabulary, List<String> merges, AddedTokens added) {
    this.vocabulary = List.copyOf(vocabulary);
    this.merges = List.copyOf(merges);
    this.added = added;
    this.bytesOf = new byte[vocabulary.size()][];
    Map<String, Integer> tokens = new HashMap<>();
    for (int token = 0; token < vocabulary.size(); token++) {
      bytesOf[token] = ByteAlphabet.parse(vocabulary.get(token));
      if (tokens.put(vocabulary.get(token), token) != null) {
        throw new InvalidInputException(
            "a vocabulary must hold each token once, got \"%s\" twice"
                .formatted(vocabulary.get(token)));
      }
    }
    for (AddedToken token : added.all()) {
      bytesOf[known(tokens, token)] = token.content().getBytes(StandardCharsets.UTF_8);
    }
    for (int value = 0; value < ByteAlphabet.SIZE; value++) {
      byteTokens[value] = known(tokens, ByteAlphabet.print((byte) value));
    }
    for (int rank = 0; rank < merges.size(); rank++) {
      String[] parts = merges.get(rank).split(" ", -1);
      if (parts.length != 2) {
        throw new InvalidInputException(
            "a merge must be two tokens with a space between, got \"%s\" as number %s"
                .formatted(merges.get(rank), rank + 1));
      }
      mergeOf.putIfAbsent(
          pair(known(tokens, parts[0]), known(tokens, parts[1])),
          new Merge(rank, known(tokens, parts[0] + parts[1])));
    }
  }

  /**
   * A tokenizer of a vocabulary as it is written in {@code vocab.json} and {@code merges.txt}.
   *
   * @param vocabulary every token in printable form, by number
   * @param merges pairs of tokens with a space between, the first to be merged first
   * @throws IllegalArgumentException if a byte has no token, or a merge has one that is unknown
   */
  public static BytePairTokenizer of(List<String> vocabulary, List<String> merges) {
    return of(vocabulary, merges, List.of());
  }

  /**
   * The same with tokens that text is searched for first; where there are none, {@code
   * <|endoftext|>} is one if the vocabulary has it.
   *
   * @throws IllegalArgumentException also if an added token is not in the vocabulary
   */
  public static BytePairTokenizer of(
      List<String> vocabulary, List<String> merges, List<AddedToken> added) {
    return new BytePairTokenizer(
        vocabulary, merges, added.isEmpty() ? implied(vocabulary) : AddedTokens.of(added));
  }

  private static AddedTokens implied(List<String> vocabulary) {
    int end = vocabulary.indexOf(END_OF_TEXT);
    return end < 0
        ? AddedTokens.NONE
        : AddedTokens.of(List.of(AddedToken.special(end, END_OF_TEXT, true)));
  }

  /** One token for each byte, by its value, and no merges: the tokens of {@link ByteTokenizer}. */
  public static BytePairTokenizer ofBytes() {
    List<String> vocabulary = new ArrayList<>();
    for (int value = 0; value < ByteAlphabet.SIZE; value++) {
      vocabulary.add(ByteAlphabet.print((byte) value));
    }
    return of(vocabulary, List.of());
  }

  /** Every token in printable form, by number. */
  public List<String> vocabulary() {
    return vocabulary;
  }

  /** Pairs of tokens with a space between, the first to be merged first. */
  public List<String> merges() {
    return merges;
  }

  /** The added tokens, unless they follow from the vocabulary. */
  public List<AddedToken> addedByOthers() {
    return added.equals(implied(vocabulary)) ? List.of() : added.all();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public int[] encode(String text) {
    return encode(text, SpecialTokens.TEXT);
  }

  @Override
  public int[] encode(String text, SpecialTokens special) {
    IntList tokens = new IntList();
    added.encode(text, special, tokens, this::encode);
    return tokens.toArray();
  }

  @Override
  public AddedTokens added() {
    return added;
  }

  /** Tokens of any bytes, UTF-8 or not; {@link #decodeBytes} gives them back. */
  public int[] encode(byte[] bytes) {
    IntList tokens = new IntList();
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (true) {
      decoder.reset();
      CoderResult result = decoder.decode(in, out, true);
      out.flip();
      encode(out.toString(), tokens);
      out.clear();
      if (!result.isError()) {
        return tokens.toArray();
      }
      for (int i = 0; i < result.length(); i++) {
        tokens.add(byteTokens[Byte.toUnsignedInt(in.get())]);
      }
    }
  }

  @Override
  public String decode(int... tokens) {
    return new String(decodeBytes(tokens), StandardCharsets.UTF_8);
  }

  @Override
  public byte[] decodeBytes(int... tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4 * tokens.length);
    for (int token : tokens) {
      if (token < 0 || token >= bytesOf.length) {
        throw new InvalidInputException(
            "token must be in [0, %s), got %s; it comes from another tokenizer"
                .formatted(bytesOf.length, token));
      }
      bytes.writeBytes(bytesOf[token]);
    }
    return bytes.toByteArray();
  }

  /**
   * The added token that texts end with, else the one that is named so, else that of the byte 0,
   * which text does not hold.
   */
  @Override
  public OptionalInt endOfText() {
    int named = vocabulary.indexOf(END_OF_TEXT);
    return OptionalInt.of(added.end().orElse(named >= 0 ? named : byteTokens[0]));
  }

  private void encode(String text, IntList tokens) {
    WordSplitter.split(
        text,
        piece -> {
          int[] known = cache.get(piece);
          if (known == null) {
            known = merge(piece.getBytes(StandardCharsets.UTF_8));
            cache.put(piece, known);
          }
          tokens.addAll(known);
        });
  }

  private int[] merge(byte[] piece) {
    int[] tokens = new int[piece.length];
    for (int i = 0; i < piece.length; i++) {
      tokens[i] = byteTokens[Byte.toUnsignedInt(piece[i])];
    }
    int length = tokens.length;
    while (length > 1) {
      int at = -1;
      Merge best = null;
      for (int i = 0; i + 1 < length; i++) {
        @Nullable Merge merge = mergeOf.get(pair(tokens[i], tokens[i + 1]));
        if (merge != null && (best == null || merge.rank < best.rank)) {
          best = merge;
          at = i;
        }
      }
      if (best == null) {
        break;
      }
      length = replace(tokens, length, at, best.token);
    }
    return Arrays.copyOf(tokens, length);
  }

  /** Replaces every occurrence of the pair at {@code first}, from there on. */
  private static int replace(int[] tokens, int length, int first, int merged) {
    int left = tokens[first];
    int right = tokens[first + 1];
    int to = first;
    for (int from = first; from < length; from++) {
      if (from + 1 < length && tokens[from] == left && tokens[from + 1] == right) {
        tokens[to++] = merged;
        from++;
      } else {
        tokens[to++] = tokens[from];
      }
    }
    return to;
  }

  private static int known(Map<String, Integer> tokens, AddedToken token) {
    Integer number = tokens.get(token.content());
    if (number == null || number != token.id()) {
      throw new InvalidInputException(
          "added token \"%s\" must be number %s of the vocabulary, got %s"
              .formatted(token.content(), token.id(), number == null ? "none" : number));
    }
    return number;
  }

  private static int known(Map<String, Integer> tokens, String token) {
    Integer number = tokens.get(token);
    if (number == null) {
      throw new InvalidInputException(
          "the vocabulary has no token \"%s\"; do vocab.json and merges.txt belong together?"
              .formatted(token));
    }
    return number;
  }

  private static long pair(int left, int right) {
    return (long) left << LOW_BITS | right;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BytePairTokenizer that
        && vocabulary.equals(that.vocabulary)
        && merges.equals(that.merges)
        && added.equals(that.added);
  }

  @Override
  public int hashCode() {
    return Objects.hash(vocabulary, merges, added);
  }
}
