package org.ergometer.runtime.config;

/**
 * Whether executed ops are counted.
 *
 * @param strict whether an op that cannot be counted is a failure
 */
public record AccountingConfig(boolean enabled, boolean strict) {

  public AccountingConfig {
    if (strict && !enabled) {
      throw new IllegalArgumentException(
          "strict-accounting needs accounting, got no-accounting; leave one of the two out");
    }
  }

  static AccountingConfig of(Settings settings) {
    return new AccountingConfig(
        settings.on(Setting.ACCOUNTING), settings.on(Setting.STRICT_ACCOUNTING));
  }
}
