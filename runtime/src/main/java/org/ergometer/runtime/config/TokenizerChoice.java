package org.ergometer.runtime.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer that is asked for: {@code char}, {@code byte}, {@code gpt2}, {@code bpe:FILE} or
 * {@code file:FILE}.
 *
 * @param file of a byte-pair vocabulary, or of a run's tokenizer; null for the others
 */
public record TokenizerChoice(TokenizerKind kind, @Nullable Path file) {

  public TokenizerChoice {
    if (kind.named() != (file != null)) {
      throw new InvalidInputException(
          "a file belongs to the tokenizers bpe and file and to no other, got %s with %s; set --tokenizer"
              .formatted(kind.label(), file));
    }
  }

  /** What characters of the training text make. */
  public static final TokenizerChoice CHAR = new TokenizerChoice(TokenizerKind.CHAR, null);

  /**
   * The choice that a text says.
   *
   * @throws IllegalArgumentException if it says none
   */
  public static TokenizerChoice of(String text) {
    for (TokenizerKind kind : TokenizerKind.values()) {
      String prefix = kind.label() + ":";
      if (!kind.named() && kind.label().equals(text)) {
        return new TokenizerChoice(kind, null);
      }
      if (kind.named() && text.startsWith(prefix) && text.length() > prefix.length()) {
        return new TokenizerChoice(kind, path(text, text.substring(prefix.length())));
      }
    }
    throw new InvalidInputException(
        "tokenizer must be char, byte, gpt2, bpe:FILE or file:FILE, got \"%s\"; set --tokenizer"
            .formatted(text));
  }

  private static Path path(String text, String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
          "tokenizer must name a file after the colon, got \"%s\" (%s); set --tokenizer"
              .formatted(text, e.getReason()),
          e);
    }
  }

  /** As it can be written on the command line of any directory. */
  public String text() {
    return file == null ? kind.label() : kind.label() + ":" + file.toAbsolutePath();
  }
}
