package org.ergometer.runtime.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of {@link Setting}s as text, a later source over an earlier one, parsed when asked for.
 * Immutable.
 */
public final class Settings {

  private final Map<Setting, List<String>> values;

  private Settings(Map<Setting, List<String>> values) {
    this.values = values;
  }

  /** The defaults. */
  public static Settings standard() {
    Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String standard = setting.standard();
      if (standard != null) {
        values.put(setting, standard.isEmpty() ? List.of() : List.of(standard));
      }
    }
    return new Settings(values);
  }

  /** These settings with others put over them. */
  public Settings over(Map<Setting, List<String>> others) {
    Map<Setting, List<String>> merged = new EnumMap<>(values);
    others.forEach((setting, value) -> merged.put(setting, List.copyOf(value)));
    return new Settings(merged);
  }

  boolean isSet(Setting setting) {
    return values.containsKey(setting);
  }

  long whole(Setting setting) {
    return Quantity.whole(setting.key(), text(setting));
  }

  int integer(Setting setting) {
    long value = whole(setting);
    if (value != (int) value) {
      throw new IllegalArgumentException(
          "%s must be between %d and %d, got %d; set --%s"
              .formatted(
                  setting.key(), Integer.MIN_VALUE, Integer.MAX_VALUE, value, setting.key()));
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

  boolean on(Setting setting) {
    return switch (text(setting)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "%s must be true or false, got \"%s\"; set --%s or --%s"
                  .formatted(setting.key(), text(setting), setting.key(), setting.negation()));
    };
  }

  String text(Setting setting) {
    List<String> value = values.getOrDefault(setting, List.of());
    if (value.size() != 1) {
      throw new IllegalArgumentException(
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

  private static Path path(Setting setting, String text) {
    try {
      if (text.isBlank()) {
        throw new InvalidPathException(text, "empty");
      }
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "%s must be a path, got \"%s\" (%s); set --%s"
              .formatted(setting.key(), text, e.getReason(), setting.key()),
          e);
    }
  }
}
