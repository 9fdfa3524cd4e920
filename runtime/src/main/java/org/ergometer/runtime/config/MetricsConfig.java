package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.Locale;
import org.ergometer.accounting.input.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Where metrics are served.
 *
 * @param enabled whether they are served at all
 * @param host address to listen on
 * @param port port that must be free, 0 for any; null for the usual one if it is free, else any
 * @param lingerSeconds how long they are served after the run
 * @param textfile that they are written to as well; null for none
 * @param auth file with the name and password that readers have to know; null for none
 * @param keystore with the key and certificate for TLS; null for plain HTTP
 * @param keystorePassword file with the password of the keystore; null where there is none
 */
public record MetricsConfig(
    boolean enabled,
    String host,
    @Nullable Integer port,
    double lingerSeconds,
    @Nullable Path textfile,
    @Nullable Path auth,
    @Nullable Path keystore,
    @Nullable Path keystorePassword) {

  private static final int HIGHEST_PORT = 65_535;
  private static final double LONGEST_LINGER = 86_400;

  public MetricsConfig {
    if (host.isBlank()) {
      throw new InvalidInputException(
          "metrics-host must name an address, got \"%s\"; set --metrics-host".formatted(host));
    }
    if (port != null && (port < 0 || port > HIGHEST_PORT)) {
      throw new InvalidInputException(
          "metrics-port must be between 0 and %s, got %s; set --metrics-port"
              .formatted(HIGHEST_PORT, port));
    }
    if (!(lingerSeconds >= 0 && lingerSeconds <= LONGEST_LINGER)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "metrics-linger must be between 0 and %.0f seconds, got %s; set --metrics-linger",
              LONGEST_LINGER,
              lingerSeconds));
    }
    if (textfile != null && !textfile.toString().endsWith(".prom")) {
      throw new InvalidInputException(
          "metrics-textfile must end in .prom, since node-exporter reads no other, got %s; set --metrics-textfile"
              .formatted(textfile));
    }
    if ((keystore == null) != (keystorePassword == null)) {
      throw new InvalidInputException(
          "metrics-keystore needs a file with its password, and the other way round, got %s and %s; set --metrics-keystore and --metrics-keystore-password"
              .formatted(
                  keystore == null ? "none" : keystore,
                  keystorePassword == null ? "none" : keystorePassword));
    }
  }

  static MetricsConfig of(Settings settings) {
    return new MetricsConfig(
        settings.on(Setting.METRICS),
        settings.text(Setting.METRICS_HOST),
        settings.isSet(Setting.METRICS_PORT) ? settings.integer(Setting.METRICS_PORT) : null,
        settings.real(Setting.METRICS_LINGER),
        settings.path(Setting.METRICS_TEXTFILE),
        settings.path(Setting.METRICS_AUTH),
        settings.path(Setting.METRICS_KEYSTORE),
        settings.path(Setting.METRICS_KEYSTORE_PASSWORD));
  }
}
