package org.ergometer.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ergometer.runtime.checkpoint.CheckpointStore;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.report.LossCurve;
import org.ergometer.runtime.report.RunReport;
import org.ergometer.runtime.report.RunSummary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what was measured in a run beside what was predicted. */
@Command(
    name = "report",
    description = "Shows measured beside predicted for a run.",
    footer = {
      "%nExamples:",
      "  ergometer report runs/20261123-120000",
      "  ergometer report runs/20261123-120000 --json | jq .flops.by_phase",
      "  ergometer report runs/20261123-120000 --html run.html",
      "  ergometer report runs/20261123-120000 --csv steps.csv --plot loss.png"
    })
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "write the run's page, whole in one file, instead")
  private @Nullable Path html;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "write every step as comma-separated values instead, - for standard output")
  private @Nullable Path csv;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "draw the losses of training and validation as a PNG file instead")
  private @Nullable Path plot;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      RunDirectory directory = RunDirectory.open(run);
      if (csv != null || plot != null || html != null) {
        checkLog(directory);
      }
      if (csv != null || plot != null) {
        return curve(directory);
      }
      RunSummary summary = RunSummary.read(directory.summary());
      checkAge(directory, summary);
      if (html != null) {
        return page(directory, summary, html);
      }
      out.print(common.json ? summary.text() : RunReport.of(summary));
      out.flush();
    } catch (IllegalArgumentException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  /** Of the log alone, so that it is there while the first steps run. */
  private int curve(RunDirectory directory) {
    LossCurve curve = new LossCurve(directory.log());
    if (csv != null) {
      table(curve, csv);
    }
    if (plot != null) {
      PictureFile.write(plot, () -> curve.picture(directory.runId()));
      say("the losses are drawn in " + plot);
    }
    return ExitCode.DONE.status();
  }

  private void table(LossCurve curve, Path file) {
    try {
      if (file.toString().equals("-")) {
        PrintWriter out = spec.commandLine().getOut();
        curve.csv(out);
        out.flush();
      } else {
        try (Writer writer = Files.newBufferedWriter(file)) {
          curve.csv(writer);
        }
        say("the steps are in " + file);
      }
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the table %s cannot be written (%s); check the path given to --csv"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("ergometer: " + line);
    err.flush();
  }

  /** A run that was killed, or goes on, has logged more than it has summed up. */
  private void checkAge(RunDirectory directory, RunSummary summary) throws IOException {
    int logged = Files.exists(directory.log()) ? new LossCurve(directory.log()).steps() : 0;
    if (logged > summary.steps()) {
      say(
          "the summary is of step %,d, and log.jsonl goes on to step %,d: the run was killed, or still goes on; to bring it up: ergometer train --resume --run %s"
              .formatted(summary.steps(), logged, run));
    }
  }

  /** What each line says is checked by no reader. */
  private void checkLog(RunDirectory directory) throws IOException {
    Optional<TrainingState.LogEnd> end = new CheckpointStore(directory).logEnd();
    if (end.isPresent() && Files.exists(directory.log()) && !end.get().isIn(directory.log())) {
      say(
          "%s is not as it was when the last checkpoint was saved; its steps may be wrong"
              .formatted(directory.log()));
    }
  }

  private int page(RunDirectory directory, RunSummary summary, Path file) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "html must name a file, got the directory %s; set --html %s"
              .formatted(file, file.resolve("run.html")));
    }
    try {
      RunPageFile.write(directory, summary, file);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED, "the page cannot be written: " + e.getMessage(), e);
    }
    say("the page is in " + file);
    if (common.json) {
      spec.commandLine().getOut().print(summary.text());
      spec.commandLine().getOut().flush();
    }
    return ExitCode.DONE.status();
  }
}
