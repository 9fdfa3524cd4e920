package org.ergometer.runtime.telemetry;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a client takes, by weight: the value of a header {@code Accept} or {@code Accept-Encoding}
 * (RFC 9110, sections 12.5.1 and 12.5.3). What is no weight counts as 0, so that garbage asks for
 * nothing.
 */
final class MediaRanges {

  private final Map<String, Double> weights;

  private MediaRanges(Map<String, Double> weights) {
    this.weights = weights;
  }

  static MediaRanges of(String header) {
    Map<String, Double> weights = new LinkedHashMap<>();
    for (String range : header.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = range.split(";", -1);
      double weight = 1;
      for (int part = 1; part < parts.length; part++) {
        String parameter = parts[part].strip();
        if (parameter.startsWith("q=")) {
          weight = weight(parameter.substring("q=".length()));
        }
      }
      weights.merge(parts[0].strip(), weight, Math::max);
    }
    return new MediaRanges(weights);
  }

  /** Whether one name is asked for, and no less than another; wildcards ask for neither. */
  boolean prefers(String name, String other) {
    double weight = weights.getOrDefault(name, 0.0);
    return weight > 0 && weight >= weights.getOrDefault(other, 0.0);
  }

  /** Whether a name is asked for. */
  boolean names(String name) {
    return weights.getOrDefault(name, 0.0) > 0;
  }

  private static double weight(String text) {
    try {
      double weight = Double.parseDouble(text);
      return weight >= 0 && weight <= 1 ? weight : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
