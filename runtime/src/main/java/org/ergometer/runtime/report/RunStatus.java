package org.ergometer.runtime.report;

import java.util.Locale;

/** How a run ended; one that has not ended yet counts as interrupted, as it would after a crash. */
public enum RunStatus {
  COMPLETED,
  INTERRUPTED,
  FAILED;

  /** Name in JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
