package org.ergometer.runtime.cli;

import picocli.CommandLine.Option;

/** Options that every command has. */
final class CommonOptions {

  @Option(
      names = "--json",
      description = "print one JSON object on standard output and nothing else there")
  boolean json;

  @Option(
      names = Errors.STACK_TRACE_OPTION,
      description = "show where in the program an error came from")
  boolean stackTrace;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  boolean help;
}
