package org.ergometer.runtime.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer that is asked for: {@code char}, {@code byte}, {@code gpt2} or {@code bpe:FILE}.
 *
 * @param file of a byte-pair vocabulary; null for the others
 */
public record TokenizerChoice(TokenizerKind kind, @Nullable Path file) {

  private static final String BPE = "bpe:";

  public TokenizerChoice {
    if ((kind == TokenizerKind.BPE) != (file != null)) {
      throw new IllegalArgumentException(
          "a file belongs to the tokenizer bpe and to no other, got %s with %s; set --tokenizer"
              .formatted(kind.label(), file));
    }
  }

  /** What characters of the training text make. */
  public static final TokenizerChoice CHAR = new TokenizerChoice(TokenizerKind.CHAR, null);

  static TokenizerChoice of(String text) {
    if (text.startsWith(BPE) && text.length() > BPE.length()) {
      try {
        return new TokenizerChoice(TokenizerKind.BPE, Path.of(text.substring(BPE.length())));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException(
            "tokenizer must name a file after bpe:, got \"%s\" (%s); set --tokenizer"
                .formatted(text, e.getReason()),
            e);
      }
    }
    for (TokenizerKind kind : TokenizerKind.values()) {
      if (kind != TokenizerKind.BPE && kind.label().equals(text)) {
        return new TokenizerChoice(kind, null);
      }
    }
    throw new IllegalArgumentException(
        "tokenizer must be char, byte, gpt2 or bpe:FILE, got \"%s\"; set --tokenizer"
            .formatted(text));
  }

  /** As it is written on the command line. */
  public String text() {
    return file == null ? kind.label() : BPE + file;
  }
}
