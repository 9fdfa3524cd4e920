package org.ergometer.models.tokenizer;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into the pieces within which byte pairs are merged, by GPT-2's rule: English
 * contractions, letters, digits and other signs each with the space before them, and white space.
 */
final class WordSplitter {

  private static final Pattern PIECE =
      Pattern.compile(
          "'(?:s|t|re|ve|m|ll|d)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private WordSplitter() {}

  /** Hands out every piece in order; together they are the text. */
  static void split(String text, Consumer<String> piece) {
    Matcher matcher = PIECE.matcher(text);
    while (matcher.find()) {
      piece.accept(matcher.group());
    }
  }
}
