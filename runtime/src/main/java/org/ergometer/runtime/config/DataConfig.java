package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ergometer.models.data.WindowOrder;
import org.jspecify.annotations.Nullable;

/**
 * What to train on.
 *
 * @param files texts, directories and globs; none means the corpus that comes along
 * @param field of a JSON object in JSONL that holds the text; null for the usual
 * @param cache directory for tokens; null for the user's
 */
public record DataConfig(
    List<Path> files,
    @Nullable String field,
    TokenizerChoice tokenizer,
    SplitKind split,
    WindowOrder order,
    @Nullable Path cache) {

  private static final String USUAL_FIELD = "text";

  public DataConfig {
    files = List.copyOf(files);
  }

  static DataConfig of(Settings settings) {
    return new DataConfig(
        settings.paths(Setting.DATA),
        settings.isSet(Setting.DATA_FIELD) ? settings.text(Setting.DATA_FIELD) : null,
        TokenizerChoice.of(settings.text(Setting.TOKENIZER)),
        settings.choice(Setting.SPLIT, SplitKind.class),
        settings.choice(Setting.ORDER, WindowOrder.class),
        settings.path(Setting.DATA_CACHE));
  }

  /** The field that holds the text. */
  public String textField() {
    return field == null ? USUAL_FIELD : field;
  }

  /** The same with other files. */
  public DataConfig withFiles(List<Path> others) {
    return new DataConfig(others, field, tokenizer, split, order, cache);
  }

  void putInto(Map<String, Object> values) {
    values.put(Setting.DATA.key(), files.stream().map(Path::toString).toList());
    if (field != null) {
      values.put(Setting.DATA_FIELD.key(), field);
    }
    values.put(Setting.TOKENIZER.key(), tokenizer.text());
    values.put(Setting.SPLIT.key(), TrainConfig.lowerCase(split));
    values.put(Setting.ORDER.key(), TrainConfig.lowerCase(order));
    if (cache != null) {
      values.put(Setting.DATA_CACHE.key(), cache.toString());
    }
  }
}
