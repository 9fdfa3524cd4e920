package org.ergometer.runtime.config;

import java.util.Arrays;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;

/** Whether ops may be executed by faster kernels than ND4J's own. */
public enum AccelerationMode {
  /** Where there are any. */
  AUTO,
  /** ND4J executes every op itself. */
  OFF;

  static AccelerationMode of(String text) {
    return Arrays.stream(values())
        .filter(mode -> mode.label().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "acceleration must be auto or off, got \"%s\"; set --acceleration"
                        .formatted(text)));
  }

  /** Name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
