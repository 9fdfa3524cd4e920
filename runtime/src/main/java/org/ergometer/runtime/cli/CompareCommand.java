package org.ergometer.runtime.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.config.ConfigDifference;
import org.ergometer.runtime.report.RunComparison;
import org.ergometer.runtime.report.RunSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows two runs side by side, and what the second saved. */
@Command(
    name = "compare",
    description = {
      "Shows two runs side by side: loss, FLOPs, bytes, time, energy, and what the second saved.",
      "Time and energy are savings where both were measured on the same hardware."
    },
    footer = {
      "%nExamples:",
      "  ergometer compare runs/float32 runs/bfloat16",
      "  ergometer compare runs/float32 runs/bfloat16 --json | jq .saved"
    })
final class CompareCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Parameters(index = "0", paramLabel = "RUN_A", description = "directory of a run")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "RUN_B", description = "directory of another")
  private Path second = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      RunDirectory a = RunDirectory.open(first);
      RunDirectory b = RunDirectory.open(second);
      RunComparison comparison =
          new RunComparison(
              RunSummary.read(a.summary()),
              RunSummary.read(b.summary()),
              ConfigDifference.between(a.config(), b.config()));
      out.print(common.json ? comparison.json() : comparison.text());
      out.flush();
    } catch (InvalidInputException e) {
      throw CommandException.of(ExitCode.WRONG_USAGE, e);
    }
    return ExitCode.DONE.status();
  }
}
