package org.ergometer.runtime.weights;

import java.util.List;
import java.util.Optional;

/** Reasons why a model does not belong to a family. */
final class Refusals {

  private Refusals() {}

  /** A reason as rule and value, unless the rule is met. */
  static Optional<String> unless(boolean met, String name, String rule, Object value) {
    return met
        ? Optional.empty()
        : Optional.of("%s must be %s, got %s".formatted(name, rule, value));
  }

  /** The first reason that there is. */
  static Optional<String> first(List<Optional<String>> reasons) {
    return reasons.stream().flatMap(Optional::stream).findFirst();
  }
}
