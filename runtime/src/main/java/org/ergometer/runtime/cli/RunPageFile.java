package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.storage.OutputFile;
import org.ergometer.runtime.telemetry.LiveRun;
import org.ergometer.runtime.telemetry.LoggedSteps;
import org.ergometer.runtime.telemetry.RunPage;
import org.ergometer.runtime.training.SampleLog;
import org.jspecify.annotations.Nullable;

/** Writes the page of a run from the files that it left. */
final class RunPageFile {

  private RunPageFile() {}

  static void write(RunDirectory directory, RunSummary summary, boolean goesOn, Path file)
      throws IOException {
    LiveRun run = new LiveRun("file");
    TrainConfig config = configuration(directory);
    double stepTokens =
        config == null
            ? (double) summary.tokens() / Math.max(summary.steps(), 1)
            : (double) config.loop().stepSequences() * config.model().sizes().context();
    LoggedSteps.read(directory.log(), stepTokens, run.history());
    run.is(
        goesOn ? LiveRun.RUNNING : summary.status(),
        config == null ? summary.steps() : config.loop().steps());
    run.samples(SampleLog.read(directory.samples()));
    run.summary(summary.outline());
    OutputFile.write(file, out -> out.write(RunPage.of(run).getBytes(UTF_8)));
  }

  private static @Nullable TrainConfig configuration(RunDirectory directory) {
    return Files.exists(directory.config())
        ? TrainConfig.of(Settings.standard().over(ConfigFile.read(directory.config())))
        : null;
  }
}
