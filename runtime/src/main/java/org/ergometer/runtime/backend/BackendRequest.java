package org.ergometer.runtime.backend;

import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;

/** What the user asks for: a certain backend, or the better one that works. */
public enum BackendRequest {
  AUTO,
  CPU,
  CUDA;

  /**
   * From its name.
   *
   * @throws IllegalArgumentException if it names none
   */
  public static BackendRequest of(String name) {
    for (BackendRequest request : values()) {
      if (request.label().equals(name)) {
        return request;
      }
    }
    throw new InvalidInputException(
        "backend must be auto, cpu or cuda, got \"%s\"; set --backend".formatted(name));
  }

  /** Name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
