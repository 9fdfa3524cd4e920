package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.Corpus;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.ModelConfig;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that describe a model, the same as those of training, and a file of them. */
final class ModelOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with settings of a training run; options win over it")
  private @Nullable Path config;

  /** The settings of the group Model, and others beside them. */
  static Set<Setting> settings(Setting... others) {
    Set<Setting> settings = EnumSet.noneOf(Setting.class);
    settings.addAll(Set.of(Setting.of(Setting.Group.MODEL)));
    settings.addAll(Set.of(others));
    return settings;
  }

  /** What is said: options over the file over the preset over the defaults. */
  Settings settings(CommandSpec command) {
    Settings settings = Settings.standard();
    if (config != null) {
      settings = settings.over(ConfigFile.read(config));
    }
    return settings.over(SettingOptions.matched(command.commandLine().getParseResult()));
  }

  /** Whether a model is described at all. */
  static boolean describe(Settings settings) {
    for (Setting setting : Setting.of(Setting.Group.MODEL)) {
      if (setting != Setting.RECOMPUTE && settings.isGiven(setting)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The shape; without a vocabulary, that of the corpus that training takes by default.
   *
   * @throws IllegalArgumentException if the settings are no model
   */
  static TransformerShape shape(ModelConfig model) {
    return model.vocabulary() != null
        ? model.sizes()
        : model.shape(CharacterTokenizer.of(Corpus.standard().text()).vocabularySize());
  }
}
