package org.ergometer.runtime.config;

import java.util.Optional;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.utilization.Device;
import org.ergometer.accounting.utilization.MatrixType;
import org.ergometer.accounting.utilization.Peak;
import org.jspecify.annotations.Nullable;

/**
 * Whether executed ops are counted, and what the machine's peak is.
 *
 * @param strict whether an op that cannot be counted is a failure
 * @param peak FLOP/s of the machine's matrix products in float32, or a device of the table; null to
 *     measure
 */
public record AccountingConfig(boolean enabled, boolean strict, @Nullable String peak) {

  public AccountingConfig {
    if (strict && !enabled) {
      throw new InvalidInputException(
          "strict-accounting needs accounting, got no-accounting; leave one of the two out");
    }
    if (peak != null) {
      peakOf(peak);
    }
  }

  static AccountingConfig of(Settings settings) {
    return new AccountingConfig(
        settings.on(Setting.ACCOUNTING),
        settings.on(Setting.STRICT_ACCOUNTING),
        settings.isSet(Setting.PEAK) ? settings.text(Setting.PEAK) : null);
  }

  /** The peak that the user says; empty to measure it. */
  public Optional<Peak> givenPeak() {
    return Optional.ofNullable(peak).map(AccountingConfig::peakOf);
  }

  private static Peak peakOf(String text) {
    Optional<Device> device = Device.named(text);
    return device.isPresent()
        ? tablePeak(device.get())
        : Peak.user(Quantity.real(Setting.PEAK.key(), text)).in(MatrixType.FLOAT32);
  }

  private static Peak tablePeak(Device device) {
    double rate =
        device
            .peak(MatrixType.FLOAT32)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "peak of %s in float32 is unknown; set --peak to a figure, such as 312e12"
                            .formatted(device.name())));
    return new Peak(
        rate,
        MatrixType.FLOAT32,
        Peak.Origin.TABLE,
        "%s, float32, dense: %s".formatted(device.name(), device.source()));
  }
}
