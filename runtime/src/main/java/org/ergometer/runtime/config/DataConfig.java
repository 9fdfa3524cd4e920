package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.jspecify.annotations.Nullable;

/**
 * What to train on.
 *
 * @param files texts, directories and globs; none means the corpus that comes along
 * @param field of a JSON object in JSONL that holds the text; null for the usual
 * @param special what is made of a special token in the text
 * @param cache directory for tokens; null for the user's
 */
public record DataConfig(
    List<Path> files,
    @Nullable String field,
    TokenizerChoice tokenizer,
    SpecialTokens special,
    SplitKind split,
    WindowOrder order,
    @Nullable Path cache) {

  public DataConfig {
    files = List.copyOf(files);
  }

  static DataConfig of(Settings settings) {
    return new DataConfig(
        settings.paths(Setting.DATA),
        settings.isSet(Setting.DATA_FIELD) ? settings.text(Setting.DATA_FIELD) : null,
        TokenizerChoice.of(settings.text(Setting.TOKENIZER)),
        specialTokens(settings.text(Setting.SPECIAL_TOKENS)),
        settings.choice(Setting.SPLIT, SplitKind.class),
        settings.choice(Setting.ORDER, WindowOrder.class),
        settings.path(Setting.DATA_CACHE));
  }

  /**
   * What is made of a special token in a text, by its name.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static SpecialTokens specialTokens(String name) {
    for (SpecialTokens each : SpecialTokens.values()) {
      if (each.label().equals(name)) {
        return each;
      }
    }
    throw new InvalidInputException(
        "special-tokens must be text, token or refuse, got \"%s\"; set --special-tokens"
            .formatted(name));
  }

  /** The same with other files. */
  public DataConfig withFiles(List<Path> others) {
    return new DataConfig(others, field, tokenizer, special, split, order, cache);
  }

  void putInto(Map<String, Object> values) {
    values.put(Setting.DATA.key(), files.stream().map(Path::toString).toList());
    if (field != null) {
      values.put(Setting.DATA_FIELD.key(), field);
    }
    values.put(Setting.TOKENIZER.key(), tokenizer.text());
    values.put(Setting.SPECIAL_TOKENS.key(), special.label());
    values.put(Setting.SPLIT.key(), TrainConfig.lowerCase(split));
    values.put(Setting.ORDER.key(), TrainConfig.lowerCase(order));
    if (cache != null) {
      values.put(Setting.DATA_CACHE.key(), cache.toString());
    }
  }
}
