package org.ergometer.runtime.cli;

/** What the streams of the process are connected to. */
final class Terminal {

  /** Set by the launcher: Java itself can only tell for standard input and output together. */
  private static final String PROPERTY = "ergometer.terminal";

  /** Set where standard output is one. */
  private static final String OUTPUT = "ergometer.terminal.output";

  /** Also set by the launcher. */
  private static final String WIDTH = "ergometer.columns";

  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 40;

  private Terminal() {}

  /** Whether standard output is shown, and not kept or read by a program. */
  static boolean showsOutput() {
    return Boolean.getBoolean(OUTPUT);
  }

  /** Whether a line can be rewritten on standard error. */
  static boolean rewritesLines() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** Columns of a terminal, or of what is most likely to read it. */
  static int columns() {
    return Math.max(LEAST_WIDTH, Integer.getInteger(WIDTH, USUAL_WIDTH));
  }
}
