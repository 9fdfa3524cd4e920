package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.CheckpointStore;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.RunLock;
import org.ergometer.runtime.checkpoint.TrainingState;
import org.ergometer.runtime.report.LossCurve;
import org.ergometer.runtime.report.RunReport;
import org.ergometer.runtime.report.RunSummary;
import org.ergometer.runtime.storage.FileProblem;
import org.ergometer.runtime.storage.OutputFile;
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
      "  ergometer report runs/20261123-120000 --csv steps.csv --plot loss.png --html run.html"
    })
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "write the run's page, whole in one file, in place of the report")
  private @Nullable Path html;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description =
          "write every step as comma-separated values, - for standard output; no report then")
  private @Nullable Path csv;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "draw the losses of training and validation as a PNG file; no report then")
  private @Nullable Path plot;

  @Override
  public Integer call() throws IOException {
    try {
      requireOutputs();
      RunDirectory directory = RunDirectory.open(run);
      if (csv != null || plot != null || html != null) {
        checkLog(directory);
      }
      if (csv != null || plot != null) {
        curve(directory);
      }
      boolean nothingElse = csv == null && plot == null && html == null;
      if (html != null || common.json || nothingElse) {
        summary(directory, nothingElse);
      }
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }

  private void requireOutputs() {
    if (common.json && csv != null && isStandardOutput(csv)) {
      throw new InvalidInputException(
          "one of json and csv can be on standard output, got --json and --csv -; set --csv FILE");
    }
    if (html != null && Files.isDirectory(html)) {
      throw new InvalidInputException(
          "html must name a file, got the directory %s; set --html %s"
              .formatted(html, html.resolve("run.html")));
    }
  }

  private static boolean isStandardOutput(Path file) {
    return file.toString().equals("-");
  }

  private void summary(RunDirectory directory, boolean asText) throws IOException {
    RunSummary summary = RunSummary.read(directory.summary());
    boolean goesOn = RunLock.isHeld(directory);
    checkAge(directory, summary, goesOn);
    if (html != null) {
      page(directory, summary, goesOn, html);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      out.print(summary.text());
    } else if (asText) {
      out.print(RunReport.of(summary, goesOn));
    }
    out.flush();
  }

  /** Of the log alone, so that it is there while the first steps run. */
  private void curve(RunDirectory directory) {
    LossCurve curve = new LossCurve(directory.log());
    if (csv != null) {
      table(curve, csv);
    }
    if (plot != null) {
      PictureFile.write(plot, () -> curve.picture(directory.runId()));
      say("the losses are drawn in " + plot);
    }
  }

  private void table(LossCurve curve, Path file) {
    try {
      if (isStandardOutput(file)) {
        PrintWriter out = spec.commandLine().getOut();
        curve.csv(out);
        out.flush();
      } else {
        OutputFile.write(
            file,
            out -> {
              Writer writer = new OutputStreamWriter(out, UTF_8);
              curve.csv(writer);
              writer.flush();
            });
        say("the steps are in " + file);
      }
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the table %s cannot be made (%s); check the run and the path given to --csv"
              .formatted(file, FileProblem.of(e)),
          e);
    }
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("ergometer: " + line);
    err.flush();
  }

  /** A run that was killed, or goes on, has logged more than it has summed up. */
  private void checkAge(RunDirectory directory, RunSummary summary, boolean goesOn)
      throws IOException {
    int logged = Files.exists(directory.log()) ? new LossCurve(directory.log()).steps() : 0;
    if (goesOn) {
      say(
          "the run still goes on; its summary is of step %s, its log of step %s"
              .formatted(summary.steps(), logged));
    } else if (logged > summary.steps()) {
      say(
          "the summary is of step %s, and log.jsonl goes on to step %s: the run was killed; to bring it up: ergometer train --resume --run %s"
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

  private void page(RunDirectory directory, RunSummary summary, boolean goesOn, Path file) {
    try {
      RunPageFile.write(directory, summary, goesOn, file);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILED,
          "the page %s cannot be made (%s); check the run and the path given to --html"
              .formatted(file, FileProblem.withFile(e)),
          e);
    }
    say("the page is in " + file);
  }
}
