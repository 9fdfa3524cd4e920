package org.ergometer.runtime.config;

import java.nio.file.Path;
import java.util.List;

/**
 * What to train on.
 *
 * @param files UTF-8 texts; none means the corpus that comes along
 */
public record DataConfig(List<Path> files, TokenizerChoice tokenizer) {

  public DataConfig {
    files = List.copyOf(files);
  }

  static DataConfig of(Settings settings) {
    return new DataConfig(
        settings.paths(Setting.DATA), TokenizerChoice.of(settings.text(Setting.TOKENIZER)));
  }
}
