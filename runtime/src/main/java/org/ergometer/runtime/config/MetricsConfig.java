package org.ergometer.runtime.config;

import org.jspecify.annotations.Nullable;

/**
 * Where metrics are served.
 *
 * @param enabled whether they are served at all
 * @param host address to listen on
 * @param port port that must be free, 0 for any; null for the usual one if it is free, else any
 */
public record MetricsConfig(boolean enabled, String host, @Nullable Integer port) {

  private static final int HIGHEST_PORT = 65_535;

  public MetricsConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "metrics-host must name an address, got \"%s\"; set --metrics-host".formatted(host));
    }
    if (port != null && (port < 0 || port > HIGHEST_PORT)) {
      throw new IllegalArgumentException(
          "metrics-port must be between 0 and %d, got %d; set --metrics-port"
              .formatted(HIGHEST_PORT, port));
    }
  }

  static MetricsConfig of(Settings settings) {
    return new MetricsConfig(
        settings.on(Setting.METRICS),
        settings.text(Setting.METRICS_HOST),
        settings.isSet(Setting.METRICS_PORT) ? settings.integer(Setting.METRICS_PORT) : null);
  }
}
