package org.ergometer.runtime.config;

import java.nio.file.Path;
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
          Setting.NVML_LIBRARY,
          Setting.MEASURE_BASELINE,
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

  private static final String UNSET = "unset";

  private ConfigDifference() {}

  /**
   * A setting of two runs.
   *
   * @param a its value in the first, or {@code unset}
   */
  public record Difference(String setting, String a, String b) {}

  /** What two configuration files say differently, but for what changes nothing of the work. */
  public static List<Difference> between(Path a, Path b) {
    return between(ConfigFile.read(a), ConfigFile.read(b));
  }

  private static List<Difference> between(
      Map<Setting, List<String>> a, Map<Setting, List<String>> b) {
    List<Difference> differences = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      String first = text(a.getOrDefault(setting, List.of()));
      String second = text(b.getOrDefault(setting, List.of()));
      boolean same =
          first.equals(second) || (standard(setting, first) && standard(setting, second));
      if (!FREE.contains(setting) && !same) {
        differences.add(new Difference(setting.key(), first, second));
      }
    }
    return differences;
  }

  /**
   * Whether a value is the default, which files of earlier versions do not say of every setting.
   */
  private static boolean standard(Setting setting, String text) {
    String standard = setting.standard();
    if (standard == null || text.equals(UNSET) || text.equals(standard)) {
      return standard != null;
    }
    boolean number = setting.kind() == Setting.Kind.WHOLE || setting.kind() == Setting.Kind.REAL;
    return number && Quantity.real(setting.key(), text) == Quantity.real(setting.key(), standard);
  }

  /**
   * A phrase for each setting that differs, such as {@code batch was 12 and is 24}.
   *
   * @param before text of a {@link ConfigFile}; what is not in it has its default
   */
  public static List<String> between(String before, TrainConfig now) {
    Map<Setting, List<String>> was =
        values(
            TrainConfig.of(
                Settings.standard()
                    .over(ConfigFile.ofRun(ConfigFile.parse("checkpoint", before)))));
    Map<Setting, List<String>> is = values(now);
    return between(was, is).stream()
        .map(
            difference ->
                "%s was %s and is %s".formatted(difference.setting, difference.a, difference.b))
        .toList();
  }

  private static Map<Setting, List<String>> values(TrainConfig config) {
    return ConfigFile.parse("configuration", ConfigFile.write(config));
  }

  private static String text(List<String> values) {
    return values.isEmpty() ? UNSET : String.join(", ", values);
  }
}
