package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ergometer.accounting.input.InvalidInputException;

/**
 * Takes values out of a {@code config.json}; what is not as it must be is told in one line. It
 * remembers what it was asked for, so that nothing is passed over in silence.
 */
final class ConfigReader {

  private final JsonNode config;
  private final Set<String> asked = new TreeSet<>();

  ConfigReader(JsonNode config) {
    this.config = config;
  }

  /** Keys that were asked for. */
  Set<String> asked() {
    return Set.copyOf(asked);
  }

  /** Keys that have a value and were not asked for. */
  Set<String> left() {
    Set<String> left = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      if (!entry.getValue().isNull() && !asked.contains(entry.getKey())) {
        left.add(entry.getKey());
      }
    }
    return left;
  }

  /** Any value; missing if there is none. */
  JsonNode value(String key) {
    asked.add(key);
    return config.path(key);
  }

  /** Whether a value is there, and is not null. */
  boolean has(String key) {
    return !isNone(value(key));
  }

  private static boolean isNone(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  /** A whole number that must be there. */
  int whole(String key) {
    JsonNode value = value(key);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.asInt() < 1) {
      throw wrong(key, "a whole number from 1 on", value);
    }
    return value.asInt();
  }

  /** A whole number, or another value where there is none. */
  int whole(String key, int otherwise) {
    return has(key) ? whole(key) : otherwise;
  }

  double real(String key, double otherwise) {
    return real(value(key), key, otherwise);
  }

  static double real(JsonNode value, String key, double otherwise) {
    if (isNone(value)) {
      return otherwise;
    }
    if (!value.isNumber()) {
      throw wrong(key, "a number", value);
    }
    return value.asDouble();
  }

  boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = value(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false", value);
    }
    return value.asBoolean();
  }

  String text(String key, String otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = value(key);
    if (!value.isTextual()) {
      throw wrong(key, "a text", value);
    }
    return value.asText();
  }

  /** Refuses what the layers here do not do. */
  void require(String key, boolean expected) {
    if (flag(key, expected) != expected) {
      throw wrong(key, String.valueOf(expected), value(key));
    }
  }

  /** Refuses anything but null, and an empty list or object. */
  void requireNone(String key) {
    JsonNode value = value(key);
    if (!isNone(value) && !(value.isContainerNode() && value.isEmpty())) {
      throw wrong(key, "absent", value);
    }
  }

  static IllegalArgumentException wrong(String key, String rule, JsonNode value) {
    String text = value.isMissingNode() ? "none" : value.toString();
    return new InvalidInputException(
        "%s must be %s, got %s; models with another are not built here"
            .formatted(key, rule, text.length() <= 80 ? text : text.substring(0, 80) + "…"));
  }
}
