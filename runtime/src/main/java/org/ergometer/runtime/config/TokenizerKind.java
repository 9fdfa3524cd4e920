package org.ergometer.runtime.config;

import java.util.Arrays;
import java.util.Locale;

/** How text becomes tokens. */
public enum TokenizerKind {
  /** One token per character of the training text. */
  CHAR,
  /** One token per byte. */
  BYTE;

  static TokenizerKind of(String text) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tokenizer must be char or byte, got \"%s\"; set --tokenizer".formatted(text)));
  }

  /** Name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
