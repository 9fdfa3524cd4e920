package org.ergometer.accounting.input;

import org.jspecify.annotations.Nullable;

/**
 * A value, option or file of the user's that cannot be used. Its message is one line for people:
 * value, rule, remedy.
 *
 * <p>Any other {@link IllegalArgumentException} is a defect of the program that passes the
 * argument.
 */
public final class InvalidInputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** With a line that says all. */
  public InvalidInputException(String line) {
    super(line);
  }

  /** Found out by another failure. */
  public InvalidInputException(String line, @Nullable Throwable cause) {
    super(line, cause);
  }
}
