package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.report.RunReport;
import org.ergometer.runtime.report.RunSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what was measured in a run beside what was predicted. */
@Command(
    name = "report",
    description = "Shows measured beside predicted for a run.",
    footer = {
      "%nExamples:",
      "  ergometer report runs/20261123-120000",
      "  ergometer report runs/20261123-120000 --json | jq .flops.by_phase"
    })
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "directory of the run")
  private Path run = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      RunSummary summary = RunSummary.read(RunDirectory.open(run).summary());
      out.print(common.json ? summary.text() : RunReport.of(summary));
      out.flush();
    } catch (IllegalArgumentException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }
}
