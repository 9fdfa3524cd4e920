package org.ergometer.runtime.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with a line on standard error and an exit code. */
final class CommandException extends RuntimeException {

  private final ExitCode code;

  CommandException(ExitCode code, String line, @Nullable Throwable cause) {
    super(line, cause);
    this.code = code;
  }

  /** What another exception says, which is a line for people already. */
  static CommandException of(ExitCode code, RuntimeException cause) {
    String message = cause.getMessage();
    return new CommandException(code, message == null ? cause.toString() : message, cause);
  }

  ExitCode code() {
    return code;
  }
}
