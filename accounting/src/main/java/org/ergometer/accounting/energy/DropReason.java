package org.ergometer.accounting.energy;

import java.util.Locale;

/** Why a look at a sensor gave no energy. */
public enum DropReason {
  /** The sensor is gone, may not be read, or holds no number. */
  UNREADABLE,
  /** The counter has not moved for longer than any working one stands still. */
  STALLED,
  /** The counter moved as no device can: it was reset, or set. */
  IMPLAUSIBLE,
  /** So long since the last look that the counter may have gone round unseen. */
  GAP,
  /** The logger's file has no row yet for this instant. */
  NO_DATA;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Name used in metrics and JSON. */
  public String label() {
    return label;
  }
}
