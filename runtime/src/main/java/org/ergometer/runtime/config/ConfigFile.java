package org.ergometer.runtime.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.tokenizer.SpecialTokens;

/** Settings as a YAML file: one flat mapping, the names those of the command line. */
public final class ConfigFile {

  private static final String EXAMPLE = "layers: 4";

  /** Texts that other readers of YAML could take for anything else are quoted. */
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .stringQuotingChecker(new Quoting())
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .disable(YAMLGenerator.Feature.SPLIT_LINES)
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .build())
          .build();

  private ConfigFile() {}

  private static final class Quoting extends StringQuotingChecker.Default {

    private static final long serialVersionUID = 1;
    private static final Pattern PLAIN = Pattern.compile("/?[A-Za-z][A-Za-z0-9_./-]*");

    @Override
    public boolean needToQuoteValue(String value) {
      return !PLAIN.matcher(value).matches() || super.needToQuoteValue(value);
    }
  }

  /**
   * Settings that a file holds.
   *
   * @throws IllegalArgumentException if it cannot be read, or holds a name that is no setting
   */
  public static Map<Setting, List<String>> read(Path file) {
    return settings(file.toString(), FlatYaml.read("config file", "--config", EXAMPLE, file));
  }

  /** The same of a run; one of an earlier version took special tokens as text, and says nothing. */
  public static Map<Setting, List<String>> readRun(Path file) {
    return ofRun(read(file));
  }

  /** See {@link #readRun}. */
  static Map<Setting, List<String>> ofRun(Map<Setting, List<String>> settings) {
    settings.putIfAbsent(Setting.SPECIAL_TOKENS, List.of(SpecialTokens.TEXT.label()));
    return settings;
  }

  /**
   * Settings that a text holds.
   *
   * @param file what to call it in errors
   */
  static Map<Setting, List<String>> parse(String file, String text) {
    return settings(file, FlatYaml.parse(file, EXAMPLE, text));
  }

  /** The text of a file that holds a configuration completely; {@link #read} gives it back. */
  public static String write(TrainConfig config) {
    return write(config.resolved());
  }

  /**
   * The same for a run's own file, which is gone on with unread: without what such a file may not
   * say, see {@link FileTrust#RUN}.
   */
  public static String writeRun(TrainConfig config) {
    Map<String, Setting> names = Setting.byName();
    Map<String, Object> values = new LinkedHashMap<>(config.resolved());
    values
        .entrySet()
        .removeIf(
            entry ->
                !FileTrust.RUN.allows(
                    Objects.requireNonNull(names.get(entry.getKey())),
                    List.of(entry.getValue().toString())));
    return write(values);
  }

  /** The text of a file that holds the settings of a model, and nothing of how it is trained. */
  public static String write(TransformerShape shape) {
    Map<String, Object> values = new LinkedHashMap<>();
    ModelSettings.complete(shape).forEach((setting, value) -> values.put(setting.key(), value));
    return write(values);
  }

  private static String write(Map<String, Object> values) {
    try {
      return MAPPER.writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers, texts and lists are always YAML", e);
    }
  }

  private static Map<Setting, List<String>> settings(
      String file, Map<String, FlatYaml.Value> values) {
    Map<Setting, List<String>> settings = new EnumMap<>(Setting.class);
    Map<String, Setting> names = Setting.byName();
    values.forEach(
        (name, value) -> {
          Setting setting = names.get(name);
          if (setting == null) {
            throw unknown(file, value.line(), name, names);
          }
          if (value.list() && setting.kind() != Setting.Kind.FILES) {
            throw new InvalidInputException(
                "%s, line %s: %s must be one value, got a list; write it like \"%s: …\""
                    .formatted(file, value.line(), name, name));
          }
          boolean negated = !name.equals(setting.key());
          List<String> texts = negated ? negate(value.texts()) : value.texts();
          if (settings.put(setting, texts) != null) {
            throw new InvalidInputException(
                "%s, line %s: %s and %s are the same setting; leave one of the two out"
                    .formatted(file, value.line(), setting.key(), setting.negation()));
          }
        });
    return settings;
  }

  private static IllegalArgumentException unknown(
      String file, int line, String name, Map<String, Setting> names) {
    String hint =
        NearestName.of(name, names.keySet())
            .map("did you mean %s?"::formatted)
            .orElse("ergometer train --help lists all names");
    return new InvalidInputException(
        "%s, line %s: unknown name \"%s\"; %s".formatted(file, line, name, hint));
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
