package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * What a file may say of a training. A file can come from anybody: it may be a recipe, but must not
 * make code run, open the metrics to others, or have secrets read and files written somewhere.
 */
public enum FileTrust {
  /** The file that the user named with {@code --config}. */
  NAMED,
  /** The {@code config.yaml} of a run, which nobody looks at before it is gone on with. */
  RUN;

  /** Whether a file may give a setting this value. */
  boolean allows(Setting setting, List<String> value) {
    return switch (setting) {
      case NVML_LIBRARY -> false;
      case METRICS_HOST -> value.stream().allMatch(FileTrust::isLoopback);
      case DATA_CACHE,
          METRICS_TEXTFILE,
          METRICS_AUTH,
          METRICS_KEYSTORE,
          METRICS_KEYSTORE_PASSWORD ->
          this == NAMED;
      default -> true;
    };
  }

  /**
   * The settings of a file, all of which it may say.
   *
   * @throws IllegalArgumentException naming the first that it may not
   */
  public Map<Setting, List<String>> require(Path file, Map<Setting, List<String>> settings) {
    settings.forEach(
        (setting, value) -> {
          if (!allows(setting, value)) {
            throw new InvalidInputException(
                "%s says %s, which only the command line may say, since it %s; take it out of the file, and give --%s if you want it"
                    .formatted(file, setting.key(), reason(setting), setting.key()));
          }
        });
    return settings;
  }

  private static String reason(Setting setting) {
    return switch (setting) {
      case NVML_LIBRARY -> "loads a library";
      case METRICS_HOST -> "opens the metrics to other machines";
      case METRICS_AUTH, METRICS_KEYSTORE, METRICS_KEYSTORE_PASSWORD -> "names a file of secrets";
      default -> "names a place to write to";
    };
  }

  /** By what it says alone: asking for a name's address would already be a use of it. */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
  }
}
