package org.ergometer.runtime.weights;

import com.fasterxml.jackson.databind.JsonNode;

/** Takes values out of a {@code config.json}; what is not as it must be is told in one line. */
record ConfigReader(JsonNode config) {

  /** Whether a value is there, and is not null. */
  boolean has(String key) {
    return !config.path(key).isMissingNode() && !config.path(key).isNull();
  }

  /** A whole number that must be there. */
  int whole(String key) {
    JsonNode value = config.path(key);
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
    return real(config.path(key), key, otherwise);
  }

  static double real(JsonNode value, String key, double otherwise) {
    if (value.isMissingNode() || value.isNull()) {
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
    JsonNode value = config.path(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false", value);
    }
    return value.asBoolean();
  }

  String text(String key, String otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = config.path(key);
    if (!value.isTextual()) {
      throw wrong(key, "a text", value);
    }
    return value.asText();
  }

  /** Refuses what the layers here do not do. */
  void require(String key, boolean expected) {
    if (flag(key, expected) != expected) {
      throw wrong(key, String.valueOf(expected), config.path(key));
    }
  }

  static IllegalArgumentException wrong(String key, String rule, JsonNode value) {
    return new IllegalArgumentException(
        "%s must be %s, got %s; models with another are not built here"
            .formatted(key, rule, value.isMissingNode() ? "none" : value));
  }
}
