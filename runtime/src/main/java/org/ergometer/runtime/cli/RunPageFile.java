package org.ergometer.runtime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.ConfigFile;
import org.ergometer.runtime.config.Settings;
import org.ergometer.runtime.config.TrainConfig;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.telemetry.LiveRun;
import org.ergometer.runtime.telemetry.LoggedSteps;
import org.ergometer.runtime.telemetry.RunPage;
import org.ergometer.runtime.training.SampleLog;

/** Writes the page of a run from the files that it left. */
final class RunPageFile {

  private RunPageFile() {}

  static void write(RunDirectory directory, RunSummary summary, Path file) throws IOException {
    LiveRun run = new LiveRun("file");
    int steps = Math.max(summary.steps(), 1);
    LoggedSteps.read(directory.log(), (double) summary.tokens() / steps, run.history());
    run.is(summary.status(), stepsWanted(directory, summary));
    run.samples(SampleLog.read(directory.samples()));
    run.summary(summary.outline());
    RunDirectory.write(file, RunPage.of(run));
  }

  private static int stepsWanted(RunDirectory directory, RunSummary summary) {
    if (!Files.exists(directory.config())) {
      return summary.steps();
    }
    Settings settings = Settings.standard().over(ConfigFile.read(directory.config()));
    return TrainConfig.of(settings).loop().steps();
  }
}
