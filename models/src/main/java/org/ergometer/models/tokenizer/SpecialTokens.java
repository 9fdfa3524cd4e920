package org.ergometer.models.tokenizer;

import java.util.Locale;

/** What is made of a special token, such as {@code <|endoftext|>}, that is written in a text. */
public enum SpecialTokens {
  /** Text like any other. */
  TEXT,
  /** The token. */
  TOKEN,
  /** An error. */
  REFUSE;

  /** Name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
