package org.ergometer.models.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a byte-pair vocabulary from text: the most frequent pair of neighbouring tokens becomes a
 * token, again and again (Sennrich et al. 2016, algorithm 1). Of equally frequent pairs the one
 * with the smaller left, then right, token comes first, so that the same text gives the same
 * vocabulary.
 */
public final class BytePairTrainer {

  /** A pair that occurs once saves nothing. */
  private static final long LEAST_COUNT = 2;

  private static final int LOW_BITS = 32;

  private final Map<String, long[]> pieces = new TreeMap<>();

  private final List<int[]> words = new ArrayList<>();
  private final List<Long> counts = new ArrayList<>();
  private final Map<Long, Long> pairCounts = new HashMap<>();
  private final Map<Long, Set<Integer>> pairWords = new HashMap<>();
  private final PriorityQueue<Candidate> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair));

  /** A pair with the count that it had when it was queued. */
  private record Candidate(long pair, long count) {}

  /** Counts the pieces of a text. */
  public void add(String text) {
    WordSplitter.split(text, piece -> pieces.computeIfAbsent(piece, unseen -> new long[1])[0]++);
  }

  /**
   * The tokenizer of everything that was added.
   *
   * @param vocabulary tokens that are wanted, those of the 256 bytes included; it ends up smaller
   *     where the text holds no pair twice any more
   * @param progress is told the number of tokens as it grows
   * @throws IllegalArgumentException if less than the bytes are wanted, or nothing was added
   */
  public BytePairTokenizer train(int vocabulary, IntConsumer progress) {
    if (vocabulary < ByteAlphabet.SIZE) {
      throw new InvalidInputException(
          "vocabulary must be >= 256, a token for each byte, got %s; set --vocabulary"
              .formatted(vocabulary));
    }
    if (pieces.isEmpty()) {
      throw new InvalidInputException("a vocabulary must be made from text, got none; set --data");
    }
    index();
    List<String> tokens = new ArrayList<>();
    for (int token = 0; token < ByteAlphabet.SIZE; token++) {
      tokens.add(ByteAlphabet.print(ByteAlphabet.of(token)));
    }
    List<String> merges = new ArrayList<>();
    Set<String> known = new HashSet<>(tokens);
    while (tokens.size() < vocabulary) {
      Candidate best = best();
      if (best == null) {
        break;
      }
      String left = tokens.get((int) (best.pair >>> LOW_BITS));
      String right = tokens.get((int) best.pair);
      if (!known.add(left + right)) {
        forget(best.pair); // the same letters by another way have a token already
        continue;
      }
      merge(best.pair, tokens.size());
      merges.add(left + " " + right);
      tokens.add(left + right);
      progress.accept(tokens.size());
    }
    return BytePairTokenizer.of(tokens, merges);
  }

  private void index() {
    pieces.forEach(
        (piece, count) -> {
          byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
          int[] word = new int[bytes.length];
          for (int i = 0; i < bytes.length; i++) {
            word[i] = ByteAlphabet.token(bytes[i]);
          }
          words.add(word);
          counts.add(count[0]);
        });
    for (int word = 0; word < words.size(); word++) {
      count(word, 1);
    }
    pairCounts.forEach((pair, count) -> queue.add(new Candidate(pair, count)));
  }

  private @Nullable Candidate best() {
    for (Candidate first = queue.poll(); first != null; first = queue.poll()) {
      long count = pairCounts.getOrDefault(first.pair, 0L);
      if (count == first.count && count >= LEAST_COUNT) {
        return first;
      }
      if (count >= LEAST_COUNT && count < first.count) {
        queue.add(new Candidate(first.pair, count));
      }
    }
    return null;
  }

  private void forget(long pair) {
    pairCounts.remove(pair);
    pairWords.remove(pair);
  }

  private void merge(long pair, int token) {
    Set<Integer> affected = pairWords.getOrDefault(pair, Set.of());
    Set<Long> grown = new HashSet<>();
    for (int word : new ArrayList<>(affected)) {
      count(word, -1);
      words.set(word, replaced(words.get(word), pair, token));
      count(word, 1);
      int[] now = words.get(word);
      for (int i = 0; i + 1 < now.length; i++) {
        if (now[i] == token || now[i + 1] == token) {
          grown.add(pair(now[i], now[i + 1]));
        }
      }
    }
    forget(pair);
    for (long each : grown) {
      queue.add(new Candidate(each, pairCounts.getOrDefault(each, 0L)));
    }
  }

  /** Adds a word's pairs to the counts, or takes them away. */
  private void count(int word, int sign) {
    int[] tokens = words.get(word);
    long times = sign * counts.get(word);
    for (int i = 0; i + 1 < tokens.length; i++) {
      long pair = pair(tokens[i], tokens[i + 1]);
      pairCounts.merge(pair, times, Long::sum);
      if (sign > 0) {
        pairWords.computeIfAbsent(pair, unseen -> new HashSet<>()).add(word);
      }
    }
  }

  private static int[] replaced(int[] tokens, long pair, int token) {
    int[] merged = new int[tokens.length];
    int length = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (i + 1 < tokens.length && pair(tokens[i], tokens[i + 1]) == pair) {
        merged[length++] = token;
        i++;
      } else {
        merged[length++] = tokens[i];
      }
    }
    return Arrays.copyOf(merged, length);
  }

  private static long pair(int left, int right) {
    return (long) left << LOW_BITS | right;
  }
}
