package org.ergometer.runtime.cli;

/** What standard error is connected to. */
final class Terminal {

  /** Set by the launcher: Java itself can only tell for standard input and output together. */
  private static final String PROPERTY = "ergometer.terminal";

  private Terminal() {}

  /** Whether a line can be rewritten there. */
  static boolean rewritesLines() {
    return Boolean.getBoolean(PROPERTY);
  }
}
