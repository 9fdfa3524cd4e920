package org.ergometer.runtime.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.config.Setting;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options that {@link Setting}s have on the command line, under the headings of help. */
final class SettingOptions {

  private static final String DASHES = "--";

  private SettingOptions() {}

  /** Adds every setting. */
  static void addTo(CommandSpec command) {
    addTo(command, EnumSet.allOf(Setting.class));
  }

  /** Adds some settings; a heading without any is left out. */
  static void addTo(CommandSpec command, Set<Setting> settings) {
    int position = 0;
    for (Setting.Group group : Setting.Group.values()) {
      List<Setting> members = Arrays.stream(Setting.of(group)).filter(settings::contains).toList();
      if (members.isEmpty()) {
        continue;
      }
      ArgGroupSpec.Builder options =
          ArgGroupSpec.builder()
              .validate(false)
              .heading("%n" + group.heading() + ":%n")
              .order(position++);
      for (Setting setting : members) {
        options.addArg(option(setting));
        if (setting.kind() == Setting.Kind.SWITCH) {
          options.addArg(negation(setting));
        }
      }
      command.addArgGroup(options.build());
    }
  }

  /**
   * What the command line says.
   *
   * @throws IllegalArgumentException if it says a switch both ways
   */
  static Map<Setting, List<String>> matched(ParseResult result) {
    Map<String, Setting> names = Setting.byName();
    Map<Setting, List<String>> matched = new EnumMap<>(Setting.class);
    for (OptionSpec option : result.matchedOptions()) {
      String name = option.longestName().substring(DASHES.length());
      Setting setting = names.get(name);
      if (setting == null) {
        continue;
      }
      boolean isSwitch = setting.kind() == Setting.Kind.SWITCH;
      List<String> said =
          isSwitch
              ? List.of(String.valueOf(name.equals(setting.key())))
              : List.copyOf(option.originalStringValues());
      List<String> before = matched.put(setting, said);
      if (isSwitch && before != null && !before.equals(said)) {
        throw new InvalidInputException(
            "%s must be said one way, got --%s and --%s; leave one of the two out"
                .formatted(setting.key(), setting.key(), setting.negation()));
      }
    }
    return matched;
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(DASHES + setting.key()).description(describe(setting));
    return switch (setting.kind()) {
      case WHOLE, REAL, TEXT, FILE, DIRECTORY ->
          option.type(String.class).paramLabel(label(setting.kind())).build();
      case FILES ->
          option
              .type(ArrayList.class)
              .auxiliaryTypes(String.class)
              .arity("1..*")
              .paramLabel(label(setting.kind()))
              .build();
      case SWITCH -> flag(DASHES + setting.key(), setting, isOn(setting));
    };
  }

  private static OptionSpec negation(Setting setting) {
    return flag(DASHES + setting.negation(), setting, !isOn(setting));
  }

  /** Help shows the position that changes something. */
  private static OptionSpec flag(String name, Setting setting, boolean hidden) {
    return OptionSpec.builder(name)
        .type(boolean.class)
        .arity("0")
        .hidden(hidden)
        .description(setting.meaning())
        .build();
  }

  private static boolean isOn(Setting setting) {
    return "true".equals(setting.standard());
  }

  private static String describe(Setting setting) {
    String standard = setting.standard();
    return standard == null || standard.isEmpty()
        ? setting.meaning()
        : "%s (default: %s)".formatted(setting.meaning(), standard);
  }

  private static String label(Setting.Kind kind) {
    return switch (kind) {
      case WHOLE -> "N";
      case REAL -> "X";
      case TEXT -> "NAME";
      case FILE, FILES -> "FILE";
      case DIRECTORY -> "DIR";
      case SWITCH -> "";
    };
  }
}
