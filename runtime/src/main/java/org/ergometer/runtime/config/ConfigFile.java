package org.ergometer.runtime.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.predict.TransformerShape;

/** Settings as a YAML file: one flat mapping, the names those of the command line. */
public final class ConfigFile {

  private ConfigFile() {}

  /**
   * Settings that a file holds.
   *
   * @throws IllegalArgumentException if it cannot be read, or holds a name that is no setting
   */
  public static Map<Setting, List<String>> read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "config file %s does not exist; check the path given to --config".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "config file %s cannot be read (%s); check the path given to --config"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  /**
   * Settings that a text holds.
   *
   * @param file what to call it in errors
   */
  static Map<Setting, List<String>> parse(String file, String text) {
    try {
      return settings(file, mapper().readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is not YAML: %s at line %s; write lines like \"layers: 4\""
              .formatted(
                  file,
                  e.getOriginalMessage().lines().findFirst().orElse("unreadable"),
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    }
  }

  /** The text of a file that holds a configuration completely; {@link #read} gives it back. */
  public static String write(TrainConfig config) {
    try {
      return mapper().writeValueAsString(config.resolved());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers, texts and lists are always YAML", e);
    }
  }

  /** The text of a file that holds the settings of a model, and nothing of how it is trained. */
  public static String write(TransformerShape shape) {
    Map<String, String> values = new LinkedHashMap<>();
    PresetSettings.of(shape).forEach((setting, value) -> values.put(setting.key(), value.get(0)));
    try {
      return mapper().writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always YAML", e);
    }
  }

  private static YAMLMapper mapper() {
    return YAMLMapper.builder()
        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
        .build();
  }

  private static Map<Setting, List<String>> settings(String file, JsonNode root) {
    Map<Setting, List<String>> settings = new EnumMap<>(Setting.class);
    if (root.isMissingNode() || root.isNull()) {
      return settings;
    }
    if (!root.isObject()) {
      throw new IllegalArgumentException(
          "%s must be a mapping of names to values; write lines like \"layers: 4\""
              .formatted(file));
    }
    Map<String, Setting> names = Setting.byName();
    root.properties()
        .forEach(
            entry -> {
              Setting setting = names.get(entry.getKey());
              if (setting == null) {
                throw unknown(file, entry.getKey(), names);
              }
              boolean negated = !entry.getKey().equals(setting.key());
              List<String> value = values(file, entry.getKey(), entry.getValue());
              settings.put(setting, negated ? negate(value) : value);
            });
    return settings;
  }

  private static IllegalArgumentException unknown(
      String file, String name, Map<String, Setting> names) {
    String hint =
        NearestName.of(name, names.keySet())
            .map("did you mean %s?"::formatted)
            .orElse("ergometer train --help lists all names");
    return new IllegalArgumentException("%s: unknown name \"%s\"; %s".formatted(file, name, hint));
  }

  private static List<String> values(String file, String name, JsonNode node) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : node.isArray() ? node : List.of(node)) {
      if (!value.isValueNode() || value.isNull()) {
        throw new IllegalArgumentException(
            "%s: %s must be a value or a list of values, got \"%s\"; write it like \"%s: …\""
                .formatted(file, name, value, name));
      }
      values.add(value.asText());
    }
    return values;
  }

  private static List<String> negate(List<String> value) {
    return value.stream()
        .map(
            text ->
                switch (text) {
                  case "true" -> "false";
                  case "false" -> "true";
                  default -> text;
                })
        .toList();
  }
}
