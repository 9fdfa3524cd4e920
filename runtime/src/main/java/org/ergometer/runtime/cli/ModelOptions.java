package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.Corpus;
import org.ergometer.models.tokenizer.CharacterTokenizer;
import org.ergometer.models.tokenizer.Tokenizer;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.ModelConfig;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
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

  /** Whether there is a file, which says all that a training run does. */
  boolean ofFile() {
    return config != null;
  }

  /**
   * The shape; without a vocabulary, that of the tokenizer and text that training would take.
   *
   * @param command whose user is told in a line of what takes long
   * @throws IllegalArgumentException if the settings are no model, or their text cannot be read
   */
  static TransformerShape shape(Settings settings, CommandSpec command) {
    ModelConfig model = ModelConfig.of(settings);
    if (model.vocabulary() != null) {
      return model.sizes();
    }
    if (!settings.isGiven(Setting.TOKENIZER) && !settings.isGiven(Setting.DATA)) {
      return model.shape(CharacterTokenizer.of(Corpus.standard().text()).vocabularySize());
    }
    TrainConfig training = TrainConfig.of(settings);
    Tokenizer tokenizer = TrainingData.tokenizer(training.data().tokenizer());
    return tokenizer == null
        ? TrainingData.read(training, line -> say(command, line)).shape()
        : model.shape(tokenizer.vocabularySize());
  }

  private static void say(CommandSpec command, String line) {
    command.commandLine().getErr().println("ergometer: " + line);
    command.commandLine().getErr().flush();
  }

  /** Sequences of a step: those of all its batches. */
  static long stepSequences(Settings settings) {
    return Math.multiplyExact(
        positive(settings, Setting.BATCH), positive(settings, Setting.ACCUMULATE));
  }

  /** A whole number from one to 2^31 - 1, as for training. */
  static long positive(Settings settings, Setting setting) {
    long value = settings.whole(setting);
    if (value < 1) {
      throw new InvalidInputException(
          "%s must be >= 1, got %s; set --%s".formatted(setting.key(), value, setting.key()));
    }
    if (value > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          "%s must be <= %s, got %s; set --%s"
              .formatted(setting.key(), Integer.MAX_VALUE, value, setting.key()));
    }
    return value;
  }
}
