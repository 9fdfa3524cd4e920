package org.ergometer.runtime.cli;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.ergometer.accounting.energy.EnergySensors;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.ledger.LedgerTable;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.EnergyConfig;
import org.ergometer.runtime.config.MetricsConfig;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.energy.RunEnergy;
import org.ergometer.runtime.storage.PrivateFiles;
import org.ergometer.runtime.telemetry.Credentials;
import org.ergometer.runtime.telemetry.MetricsServer;
import org.ergometer.runtime.telemetry.Protection;
import org.ergometer.runtime.telemetry.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Whether a training could begin here: its directory, the server of its metrics, its budgets, its
 * memory. Checks first what is cheap, and leaves nothing.
 */
final class Readiness {

  private Readiness() {}

  /**
   * Checks what needs no text to be read.
   *
   * @param warning takes a line about what works and should not be so
   * @throws IllegalArgumentException if the training could not begin
   */
  static void check(TrainConfig config, ResumeMode mode, Consumer<String> warning) {
    if (mode == ResumeMode.NEW) {
      RunDirectory.requireCreatable(config.run());
    }
    EnergyConfig energy = config.energy();
    if (energy.enabled() && energy.sensors().replay() != null) {
      EnergySensors.discover(energy.sensors().wanted(null), System::nanoTime);
    }
    RunEnergy.requireKnownPrices(energy);
    MetricsConfig metrics = config.metrics();
    if (metrics.enabled()) {
      protection(metrics, warning);
      MetricsServer.requireServable(metrics.host(), metrics.port());
    }
  }

  /** What protects the server of the metrics. */
  static Protection protection(MetricsConfig metrics, Consumer<String> warning) {
    Path auth = metrics.auth();
    Path keystore = metrics.keystore();
    Path password = metrics.keystorePassword();
    warnOfReaders(auth, warning);
    warnOfReaders(keystore, warning);
    warnOfReaders(password, warning);
    return new Protection(
        auth == null ? null : Credentials.read(auth),
        keystore == null || password == null ? null : ServerIdentity.read(keystore, password));
  }

  private static void warnOfReaders(@Nullable Path secret, Consumer<String> warning) {
    if (secret != null && PrivateFiles.othersMayRead(secret)) {
      warning.accept("others can read the secret in %s; chmod 600 mends that".formatted(secret));
    }
  }

  /**
   * Checks the memory that a model and its training take.
   *
   * @throws IllegalArgumentException if the machine, or what the JVM was given of it, has less
   */
  static void requireMemory(TransformerShape shape, TrainConfig config) {
    long limit = NativeDefaults.arrayBytes();
    BigInteger needed = DryRun.memory(shape, config).total();
    if (limit > 0 && needed.compareTo(BigInteger.valueOf(limit)) > 0) {
      throw new InvalidInputException(
          "the training needs %sB for its arrays, and there are %sB for them here; set a smaller --batch, --context or model, or --recompute full"
              .formatted(
                  LedgerTable.amount(needed), LedgerTable.amount(BigInteger.valueOf(limit))));
    }
  }
}
