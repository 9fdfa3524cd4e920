package org.ergometer.runtime.config;

import java.util.Locale;

/** How text becomes tokens. */
public enum TokenizerKind {
  /** One token per character of the training text. */
  CHAR,
  /** One token per byte. */
  BYTE,
  /** GPT-2's vocabulary. */
  GPT2,
  /** A byte-pair vocabulary from files. */
  BPE,
  /** The tokenizer of a run, from its file. */
  FILE;

  /** Whether it comes out of a file that has to be named. */
  boolean named() {
    return this == BPE || this == FILE;
  }

  /** Name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
