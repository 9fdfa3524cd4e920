package org.ergometer.runtime.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.Preset;
import org.jspecify.annotations.Nullable;

/**
 * Values of {@link Setting}s as text, a later source over an earlier one, parsed when asked for.
 * What a preset says of the model lies between the defaults and everything that is given.
 * Immutable.
 */
public final class Settings {

  private static final Map<Setting, List<String>> DEFAULTS = defaults();

  private final Map<Setting, List<String>> given;
  private final @Nullable Preset preset;
  private final Map<Setting, List<String>> values;

  private Settings(Map<Setting, List<String>> given) {
    this.given = given;
    this.values = new EnumMap<>(DEFAULTS);
    List<String> name = given.getOrDefault(Setting.PRESET, List.of());
    this.preset = name.isEmpty() ? null : ModelSettings.named(name.get(name.size() - 1));
    if (preset != null) {
      values.putAll(ModelSettings.of(preset));
    }
    values.putAll(given);
  }

  /** The defaults. */
  public static Settings standard() {
    return new Settings(Map.of());
  }

  /**
   * These settings with others put over them.
   *
   * @throws IllegalArgumentException if they name a preset that is not known
   */
  public Settings over(Map<Setting, List<String>> others) {
    Map<Setting, List<String>> merged = new EnumMap<>(Setting.class);
    merged.putAll(given);
    others.forEach((setting, value) -> merged.put(setting, List.copyOf(value)));
    return new Settings(merged);
  }

  /** These settings without what was said of one. */
  public Settings without(Setting setting) {
    Map<Setting, List<String>> others = new EnumMap<>(Setting.class);
    others.putAll(given);
    others.remove(setting);
    return new Settings(others);
  }

  /** The preset that is asked for; null if none is. */
  public @Nullable Preset preset() {
    return preset;
  }

  /** Whether somebody said it: no default, no preset. */
  public boolean isGiven(Setting setting) {
    return given.containsKey(setting);
  }

  private static Map<Setting, List<String>> defaults() {
    Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String standard = setting.standard();
      if (standard != null) {
        values.put(setting, standard.isEmpty() ? List.of() : List.of(standard));
      }
    }
    return values;
  }

  boolean isSet(Setting setting) {
    return values.containsKey(setting);
  }

  /** A whole number. */
  public long whole(Setting setting) {
    return Quantity.whole(setting.key(), text(setting));
  }

  int integer(Setting setting) {
    long value = whole(setting);
    if (value != (int) value) {
      throw new InvalidInputException(
          "%s must be %s %s, got %s; set --%s"
              .formatted(
                  setting.key(),
                  value < 0 ? ">=" : "<=",
                  value < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE,
                  value,
                  setting.key()));
    }
    return (int) value;
  }

  int integer(Setting setting, int otherwise) {
    return isSet(setting) ? integer(setting) : otherwise;
  }

  double real(Setting setting) {
    return Quantity.real(setting.key(), text(setting));
  }

  double real(Setting setting, double otherwise) {
    return isSet(setting) ? real(setting) : otherwise;
  }

  /** A switch that follows another unless it is said. */
  boolean on(Setting setting, Setting otherwise) {
    return on(isSet(setting) ? setting : otherwise);
  }

  boolean on(Setting setting) {
    return switch (text(setting)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new InvalidInputException(
              "%s must be true or false, got \"%s\"; set --%s or --%s"
                  .formatted(setting.key(), text(setting), setting.key(), setting.negation()));
    };
  }

  String text(Setting setting) {
    List<String> value = values.getOrDefault(setting, List.of());
    if (value.size() != 1) {
      throw new InvalidInputException(
          "%s must be one value, got %s; set --%s"
              .formatted(setting.key(), value.isEmpty() ? "none" : value, setting.key()));
    }
    return value.get(0);
  }

  @Nullable Path path(Setting setting) {
    return isSet(setting) ? path(setting, text(setting)) : null;
  }

  List<Path> paths(Setting setting) {
    return values.getOrDefault(setting, List.of()).stream()
        .map(text -> path(setting, text))
        .toList();
  }

  /**
   * One of an enum's constants, by its name in lower case.
   *
   * @throws IllegalArgumentException if it is none, with the nearest
   */
  <E extends Enum<E>> E choice(Setting setting, Class<E> type) {
    String text = text(setting);
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw new InvalidInputException(
        "%s must be one of %s, got \"%s\"; set --%s"
            .formatted(setting.key(), String.join(", ", names), text, setting.key()));
  }

  private static Path path(Setting setting, String text) {
    try {
      if (text.isBlank()) {
        throw new InvalidPathException(text, "empty");
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
          "%s must be a path, got \"%s\" (%s); set --%s"
              .formatted(setting.key(), text, e.getReason(), setting.key()),
          e);
    }
  }
}
