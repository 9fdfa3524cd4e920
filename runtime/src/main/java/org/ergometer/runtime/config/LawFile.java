package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.plan.FittedRange;
import org.ergometer.accounting.plan.ParametricLaw;
import org.jspecify.annotations.Nullable;

/**
 * A scaling law of one's own as a YAML or JSON file: {@code E}, {@code A}, {@code B}, {@code
 * alpha}, {@code beta}, and, if it is known, where it was fitted, as {@code parameters: [70M, 16B]}
 * and {@code tokens: [5B, 500B]}.
 */
public final class LawFile {

  private static final List<String> CONSTANTS = List.of("E", "A", "B", "alpha", "beta");
  private static final String PARAMETERS = "parameters";
  private static final String TOKENS = "tokens";
  private static final List<String> NAMES =
      List.of("E", "A", "B", "alpha", "beta", PARAMETERS, TOKENS);

  private static final String EXAMPLE = "alpha: 0.34";

  private LawFile() {}

  /**
   * The law that a file holds.
   *
   * @throws IllegalArgumentException if it cannot be read or is no law
   */
  public static ParametricLaw read(Path file) {
    Map<String, FlatYaml.Value> root =
        FlatYaml.read("law file", "--law fitted:FILE", EXAMPLE, file);
    root.forEach((name, value) -> known(file, name, value));
    double[] constants =
        CONSTANTS.stream().mapToDouble(name -> number(file, name, root.get(name))).toArray();
    try {
      return new ParametricLaw(
          "fitted:" + file,
          file.toString(),
          constants[0],
          constants[1],
          constants[2],
          constants[3],
          constants[4],
          range(file, root));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void known(Path file, String name, FlatYaml.Value value) {
    if (!NAMES.contains(name)) {
      throw new InvalidInputException(
          "%s, line %s: unknown name \"%s\"; known are %s"
              .formatted(file, value.line(), name, String.join(", ", NAMES)));
    }
  }

  private static double number(Path file, String name, FlatYaml.@Nullable Value value) {
    if (value == null || value.list()) {
      throw new InvalidInputException(
          "%s: %s must be a number, got %s; write a line like \"%s: 0.34\""
              .formatted(file, name, value == null ? "none" : "a list", name));
    }
    return Quantity.real(file + ": " + name, value.texts().get(0));
  }

  private static @Nullable FittedRange range(Path file, Map<String, FlatYaml.Value> root) {
    if (!root.containsKey(PARAMETERS) && !root.containsKey(TOKENS)) {
      return null;
    }
    double[] parameters = pair(file, PARAMETERS, root.get(PARAMETERS));
    double[] tokens = pair(file, TOKENS, root.get(TOKENS));
    return new FittedRange(parameters[0], parameters[1], tokens[0], tokens[1]);
  }

  private static double[] pair(Path file, String name, FlatYaml.@Nullable Value value) {
    List<String> texts = value == null ? List.of() : value.texts();
    if (texts.size() != 2) {
      throw new InvalidInputException(
          "%s: %s must be two numbers, got %s; write \"%s: [70M, 16B]\", both intervals or none"
              .formatted(file, name, texts.isEmpty() ? "none" : texts, name));
    }
    return texts.stream().mapToDouble(text -> Quantity.real(file + ": " + name, text)).toArray();
  }
}
