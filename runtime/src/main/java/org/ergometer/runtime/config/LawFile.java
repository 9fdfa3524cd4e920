package org.ergometer.runtime.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  private LawFile() {}

  /**
   * The law that a file holds.
   *
   * @throws IllegalArgumentException if it cannot be read or is no law
   */
  public static ParametricLaw read(Path file) {
    JsonNode root = tree(file);
    if (!root.isObject()) {
      throw new IllegalArgumentException(
          "%s must be a mapping of names to numbers; write lines like \"alpha: 0.34\""
              .formatted(file));
    }
    root.fieldNames().forEachRemaining(name -> known(file, name));
    double[] constants =
        CONSTANTS.stream().mapToDouble(name -> number(file, name, root.path(name))).toArray();
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
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static JsonNode tree(Path file) {
    try {
      return new YAMLMapper().readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is neither YAML nor JSON: %s at line %s"
              .formatted(
                  file,
                  e.getOriginalMessage().lines().findFirst().orElse("unreadable"),
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "law file %s cannot be read (%s); check the path given to --law fitted:FILE"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private static void known(Path file, String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "%s: unknown name \"%s\"; known are %s".formatted(file, name, String.join(", ", NAMES)));
    }
  }

  private static double number(Path file, String name, JsonNode node) {
    if (!node.isValueNode() || node.isNull()) {
      throw new IllegalArgumentException(
          "%s: %s must be a number, got %s; write a line like \"%s: 0.34\""
              .formatted(file, name, node.isMissingNode() ? "none" : "\"" + node + "\"", name));
    }
    return Quantity.real(file + ": " + name, node.asText());
  }

  private static @Nullable FittedRange range(Path file, JsonNode root) {
    if (!root.has(PARAMETERS) && !root.has(TOKENS)) {
      return null;
    }
    double[] parameters = pair(file, PARAMETERS, root.path(PARAMETERS));
    double[] tokens = pair(file, TOKENS, root.path(TOKENS));
    return new FittedRange(parameters[0], parameters[1], tokens[0], tokens[1]);
  }

  private static double[] pair(Path file, String name, JsonNode node) {
    if (!node.isArray() || node.size() != 2) {
      throw new IllegalArgumentException(
          "%s: %s must be two numbers, got \"%s\"; write \"%s: [70M, 16B]\", both intervals or none"
              .formatted(file, name, node.isMissingNode() ? "none" : node, name));
    }
    return new double[] {number(file, name, node.get(0)), number(file, name, node.get(1))};
  }
}
