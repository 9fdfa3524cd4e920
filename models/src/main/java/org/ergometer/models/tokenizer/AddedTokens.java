package org.ergometer.models.tokenizer;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Finds added tokens in text as Hugging Face's tokenizers do: of those that begin first the
 * longest, the ones that are not normalized before the others.
 */
public final class AddedTokens {

  /** None. */
  public static final AddedTokens NONE = new AddedTokens(List.of());

  private final List<AddedToken> all;
  private final List<Finder> finders;

  private AddedTokens(List<AddedToken> all) {
    this.all = List.copyOf(all);
    this.finders =
        List.of(
            new Finder(all.stream().filter(token -> !token.normalized()).toList()),
            new Finder(all.stream().filter(AddedToken::normalized).toList()));
  }

  /** Some tokens. */
  public static AddedTokens of(List<AddedToken> tokens) {
    return tokens.isEmpty()
        ? NONE
        : new AddedTokens(tokens.stream().sorted(Comparator.comparingInt(AddedToken::id)).toList());
  }

  /** All of them, in the order of their numbers. */
  public List<AddedToken> all() {
    return all;
  }

  /** The first that a text ends with; empty if none does. */
  public OptionalInt end() {
    return all.stream().filter(AddedToken::ends).mapToInt(AddedToken::id).findFirst();
  }

  /** Whether a text ends with a token. */
  public boolean ends(int id) {
    return all.stream().anyMatch(token -> token.ends() && token.id() == id);
  }

  /**
   * Encodes a text.
   *
   * @param special what becomes of special tokens
   * @param tokens takes the tokens
   * @param rest encodes what lies between added tokens
   * @throws IllegalArgumentException if a special token is in it and must not be
   */
  void encode(
      String text, SpecialTokens special, IntList tokens, BiConsumer<String, IntList> rest) {
    encode(text, special, tokens, rest, 0);
  }

  private void encode(
      String text,
      SpecialTokens special,
      IntList tokens,
      BiConsumer<String, IntList> rest,
      int finder) {
    if (finder == finders.size()) {
      rest.accept(text, tokens);
      return;
    }
    finders
        .get(finder)
        .find(
            text,
            special,
            (between, token) -> {
              if (!between.isEmpty()) {
                encode(between, special, tokens, rest, finder + 1);
              }
              if (token != null) {
                tokens.add(token.id());
              }
            });
  }

  /** Takes a text without tokens and the token after it, null at the end. */
  private interface Found {
    void found(String before, @Nullable AddedToken token);
  }

  /** Searches for some of the tokens. */
  private static final class Finder {

    private static final Pattern WORD = Pattern.compile("\\w", Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, AddedToken> tokens = new HashMap<>();
    private final Pattern pattern;

    Finder(List<AddedToken> some) {
      some.forEach(token -> tokens.put(token.content(), token));
      pattern =
          Pattern.compile(
              tokens.keySet().stream()
                  .sorted(Comparator.comparingInt(String::length).reversed())
                  .map(Pattern::quote)
                  .collect(Collectors.joining("|")));
    }

    void find(String text, SpecialTokens special, Found found) {
      int done = 0;
      Matcher matcher = pattern.matcher(text);
      while (!tokens.isEmpty() && matcher.find()) {
        AddedToken token = tokens.get(matcher.group());
        if (token == null || !counts(token, special, text, matcher.start(), matcher.end())) {
          continue;
        }
        int begin = matcher.start();
        while (token.lstrip() && begin > done && isSpace(text.charAt(begin - 1))) {
          begin--;
        }
        int end = matcher.end();
        while (token.rstrip() && end < text.length() && isSpace(text.charAt(end))) {
          end++;
        }
        found.found(text.substring(done, Math.max(done, begin)), token);
        done = Math.max(done, end);
      }
      found.found(text.substring(done), null);
    }

    private static boolean counts(
        AddedToken token, SpecialTokens special, String text, int begin, int end) {
      boolean inWord =
          (begin > 0 && isWord(text.codePointBefore(begin)))
              || (end < text.length() && isWord(text.codePointAt(end)));
      if (token.singleWord() && inWord) {
        return false;
      }
      if (token.special() && special == SpecialTokens.REFUSE) {
        throw new InvalidInputException(
            "the text holds the special token %s; set --special-tokens token to take it as one, or text to take it as text"
                .formatted(token.content()));
      }
      return !token.special() || special == SpecialTokens.TOKEN;
    }

    private static boolean isWord(int codePoint) {
      return WORD.matcher(Character.toString(codePoint)).matches();
    }

    /** Unicode's White_Space. */
    private static boolean isSpace(char character) {
      return Character.isSpaceChar(character)
          || (character >= '\t' && character <= '\r')
          || character == '\u0085';
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AddedTokens that && all.equals(that.all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }
}
