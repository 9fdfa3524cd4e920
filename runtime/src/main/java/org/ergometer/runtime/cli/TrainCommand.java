package org.ergometer.runtime.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.ForeignFile;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.DataConfig;
import org.ergometer.runtime.config.FileTrust;
import org.ergometer.runtime.config.Setting;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.data.StandardInput;
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
      "  ergometer train --data 'corpus/**.jsonl.gz' --data-field body --split document --tokenizer gpt2",
      "  ergometer train --resume --run runs/book",
      "  ergometer train --from runs/gpt2 --data book.txt --context 256 --batch 1",
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

  @Option(
      names = "--resume",
      description = "go on with the run in --run from its newest checkpoint, as it was configured")
  private boolean resume;

  @Option(
      names = "--resume-with-changes",
      description = "the same, with whatever other options say otherwise")
  private boolean resumeWithChanges;

  @Option(
      names = "--dry-run",
      description = "say what the run will take, and stop: FLOPs, memory, time, energy")
  private boolean dryRun;

  @Override
  public Integer call() {
    CommandLine command = spec.commandLine();
    if (dryRun) {
      return dryRun(configuration(command), command);
    }
    return new TrainRun(
            configuration(command),
            resumeMode(),
            WrittenCommand.of(command.getParseResult().originalArgs()),
            common.json,
            command.getOut(),
            command.getErr())
        .execute()
        .status();
  }

  private int dryRun(TrainConfig configuration, CommandLine command) {
    try {
      NativeDefaults.applyProperties(false);
      Readiness.check(
          configuration,
          resumeMode(),
          line -> {
            command.getErr().println("ergometer: " + line);
            command.getErr().flush();
          });
      DryRun.print(
          configuration,
          common.json,
          command.getOut(),
          line -> {
            command.getErr().println("ergometer: " + line);
            command.getErr().flush();
          });
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private ResumeMode resumeMode() {
    if (resumeWithChanges) {
      return ResumeMode.CHANGED;
    }
    return resume ? ResumeMode.SAME : ResumeMode.NEW;
  }

  private static RunDirectory resumed(Map<Setting, List<String>> options) {
    List<String> run = options.getOrDefault(Setting.RUN, List.of());
    if (run.isEmpty()) {
      throw new InvalidInputException(
          "resume needs the directory of a run, got none; set --run, as in --resume --run runs/book");
    }
    RunDirectory directory = RunDirectory.open(OptionValue.path("run", run.get(run.size() - 1)));
    if (!Files.exists(directory.config())) {
      throw new InvalidInputException(
          "run directory %s holds no config.yaml, so there is nothing to resume; start it without --resume"
              .formatted(directory.root()));
    }
    ForeignFile.requireRegular(directory.config());
    return directory;
  }

  private static TrainConfig withTextKept(TrainConfig config) {
    DataConfig data = config.data();
    StandardInput input = new StandardInput(data.cache(), data.field() != null, System.in);
    return config.withData(data.withFiles(input.kept(data.files())));
  }

  /** What would be trained, without reading any text; null where nothing is. */
  @Nullable TrainConfig configurationToTrain() {
    return dryRun ? null : settled(spec.commandLine());
  }

  /** A run that goes on has in its own configuration what the model is. */
  private TrainConfig configuration(Map<Setting, List<String>> said) {
    List<String> from = said.getOrDefault(Setting.FROM, List.of());
    return from.isEmpty() || resumeMode() != ResumeMode.NEW
        ? TrainConfig.of(Settings.standard().over(said))
        : new StartingModel(OptionValue.path("from", from.get(from.size() - 1)))
            .configuration(said);
  }

  private TrainConfig configuration(CommandLine command) {
    TrainConfig config = settled(command);
    try {
      return withTextKept(config);
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }

  private TrainConfig settled(CommandLine command) {
    try {
      Map<Setting, List<String>> options = SettingOptions.matched(command.getParseResult());
      Map<Setting, List<String>> said = new EnumMap<>(Setting.class);
      if (resumeMode() != ResumeMode.NEW) {
        Path file = resumed(options).config();
        said.putAll(FileTrust.RUN.require(file, ConfigFile.readRun(file)));
      }
      if (config != null) {
        said.putAll(FileTrust.NAMED.require(config, ConfigFile.read(config)));
      }
      said.putAll(options);
      return configuration(said);
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
  }
}
