package org.ergometer.runtime.config;

import org.ergometer.accounting.input.InvalidInputException;

/**
 * When a run is saved.
 *
 * @param every steps between checkpoints
 * @param keep the newest that are kept, beside the best
 */
public record SavingConfig(int every, int keep) {

  public SavingConfig {
    if (every < 1) {
      throw new InvalidInputException(
          "save-every must be >= 1, got %s; set --save-every".formatted(every));
    }
    if (keep < 1) {
      throw new InvalidInputException("keep must be >= 1, got %s; set --keep".formatted(keep));
    }
  }

  static SavingConfig of(Settings settings) {
    return new SavingConfig(settings.integer(Setting.SAVE_EVERY), settings.integer(Setting.KEEP));
  }
}
