package org.ergometer.runtime.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a model; the options of its settings are added by {@link SettingOptions}. */
@Command(
    name = "train",
    customSynopsis = "ergometer train [OPTIONS]",
    sortOptions = false,
    description = {
      "Trains a transformer on text and counts the work.",
      "Without options: a small GPT on a novel by Dickens, in a few minutes.",
      "Numbers may be written 2000, 512k, 1.4e12 or 70B."
    },
    footer = {
      "%nExamples:",
      "  ergometer train",
      "  ergometer train --data book.txt --steps 5k --run runs/book",
      "  ergometer train --config small.yaml --seed 7 --json"
    })
final class TrainCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with any of the settings below; options win over it")
  private @Nullable Path config;

  @Override
  public Integer call() {
    CommandLine command = spec.commandLine();
    return new TrainRun(configuration(command), common.json, command.getOut(), command.getErr())
        .execute()
        .status();
  }

  private TrainConfig configuration(CommandLine command) {
    try {
      Settings settings = Settings.standard();
      if (config != null) {
        settings = settings.over(ConfigFile.read(config));
      }
      return TrainConfig.of(settings.over(SettingOptions.matched(command.getParseResult())));
    } catch (IllegalArgumentException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }
}
