package org.ergometer.runtime.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with a line on standard error and an exit code. */
final class CommandException extends RuntimeException {

  private final ExitCode code;

  CommandException(ExitCode code, String line, @Nullable Throwable cause) {
    super(line, cause);
    this.code = code;
  }

  /** Wrong usage: what the exception says is a line of value, rule and remedy. */
  static CommandException wrongUsage(IllegalArgumentException cause) {
    String message = cause.getMessage();
    return new CommandException(
        ExitCode.WRONG_USAGE, message == null ? cause.toString() : message, cause);
  }

  ExitCode code() {
    return code;
  }
}
