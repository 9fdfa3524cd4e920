package org.ergometer.runtime.cli;

/** How a command ended, for scripts. */
enum ExitCode {
  DONE(0),
  /** Something went wrong while working. */
  FAILED(1),
  /** The command was not understood, or what it asks for cannot be. */
  WRONG_USAGE(2),
  /** A limit that the user set was reached. */
  LIMIT(3),
  /** Stopped by a signal, with what was done so far saved. */
  INTERRUPTED(130);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }
}
