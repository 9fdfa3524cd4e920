package org.ergometer.runtime.config;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a run is asked to do now that it was not asked when it began. */
public final class ConfigDifference {

  /** They change nothing of what is computed. */
  private static final Set<Setting> FREE =
      EnumSet.of(
          Setting.RUN,
          Setting.DATA_CACHE,
          Setting.SAVE_EVERY,
          Setting.KEEP,
          Setting.METRICS,
          Setting.METRICS_PORT,
          Setting.METRICS_HOST,
          Setting.METRICS_LINGER,
          Setting.METRICS_TEXTFILE,
          Setting.METRICS_AUTH,
          Setting.METRICS_KEYSTORE,
          Setting.METRICS_KEYSTORE_PASSWORD,
          Setting.MINUTES,
          Setting.FLOPS_BUDGET,
          Setting.ENERGY_BUDGET_KWH,
          Setting.CO2E_BUDGET_KG,
          Setting.USD_BUDGET);

  private ConfigDifference() {}

  /**
   * A phrase for each setting that differs, such as {@code batch was 12 and is 24}.
   *
   * @param before text of a {@link ConfigFile}; what is not in it has its default
   */
  public static List<String> between(String before, TrainConfig now) {
    Map<Setting, List<String>> was =
        values(TrainConfig.of(Settings.standard().over(ConfigFile.parse("checkpoint", before))));
    Map<Setting, List<String>> is = values(now);
    List<String> differences = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      String then = text(was.getOrDefault(setting, List.of()));
      String after = text(is.getOrDefault(setting, List.of()));
      if (!FREE.contains(setting) && !then.equals(after)) {
        differences.add("%s was %s and is %s".formatted(setting.key(), then, after));
      }
    }
    return differences;
  }

  private static Map<Setting, List<String>> values(TrainConfig config) {
    return ConfigFile.parse("configuration", ConfigFile.write(config));
  }

  private static String text(List<String> values) {
    return values.isEmpty() ? "unset" : String.join(", ", values);
  }
}
