package org.ergometer.runtime.cli;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.ergometer.accounting.input.InvalidInputException;
import org.ergometer.runtime.config.NearestName;
import org.ergometer.runtime.report.VisibleText;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one or two lines on standard error and an exit code. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private static final String DASHES = "--";
  private static final String DEFECT =
      "%s%s; this is a defect of ergometer, please report it with the command and what %s adds";

  static final String STACK_TRACE_OPTION = "--stacktrace";

  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    CommandLine command = error.getCommandLine();
    print(command, describeUsage(error));
    if (List.of(arguments).contains(STACK_TRACE_OPTION)) {
      error.printStackTrace(command.getErr());
    }
    return ExitCode.WRONG_USAGE.status();
  }

  @Override
  public int handleExecutionException(
      Exception error, CommandLine command, ParseResult parseResult) {
    print(command, describe(error));
    if (parseResult.originalArgs().contains(STACK_TRACE_OPTION)) {
      error.printStackTrace(command.getErr());
      command.getErr().flush();
    }
    if (error instanceof CommandException expected) {
      return expected.code().status();
    }
    boolean wrong = error instanceof InvalidInputException;
    return (wrong ? ExitCode.WRONG_USAGE : ExitCode.FAILED).status();
  }

  /**
   * What picocli lets through: libraries that do not load, memory that does not suffice, help that
   * nobody can read.
   */
  int handle(Throwable error, CommandLine command, String... arguments) {
    print(command, describe(error));
    if (List.of(arguments).contains(STACK_TRACE_OPTION)) {
      error.printStackTrace(command.getErr());
      command.getErr().flush();
    }
    return ExitCode.FAILED.status();
  }

  /** Nothing of a reader that has had enough. */
  private static void print(CommandLine command, String line) {
    if (line.isEmpty()) {
      return;
    }
    command.getErr().println("ergometer: " + VisibleText.inLine(line));
    command.getErr().flush();
  }

  private static String describe(Throwable error) {
    String message = error.getMessage();
    if (error instanceof StandardOutput.FailedException failed && failed.isClosed()) {
      return "";
    }
    boolean forPeople =
        error instanceof CommandException
            || error instanceof InvalidInputException
            || error instanceof StandardOutput.FailedException;
    if (forPeople && message != null) {
      return message;
    }
    String scarce = Surroundings.lacking(error);
    if (scarce != null) {
      return scarce;
    }
    boolean defect = error instanceof RuntimeException && !(error instanceof UncheckedIOException);
    return (defect ? DEFECT : "%s%s; %s shows where")
        .formatted(
            error.getClass().getSimpleName(),
            message == null ? "" : ": " + message.lines().findFirst().orElse(""),
            STACK_TRACE_OPTION);
  }

  private static String describeUsage(ParameterException error) {
    CommandSpec command = error.getCommandLine().getCommandSpec();
    String help = "%s --help shows what there is".formatted(command.qualifiedName());
    if (error instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String given = unmatched.getUnmatched().get(0);
      boolean option = given.startsWith("-");
      if (!option && command.subcommands().isEmpty()) {
        return "unexpected argument %s; %s".formatted(given, help);
      }
      Stream<String> known = option ? longNames(command) : command.subcommands().keySet().stream();
      return "unknown %s %s; %s"
          .formatted(
              option ? "option" : "command",
              given,
              NearestName.of(withoutDashes(given.split("=", 2)[0]), known.toList())
                  .map(name -> "did you mean %s%s?".formatted(option ? DASHES : "", name))
                  .orElse(help));
    }
    String asked = error.getValue();
    if (error.getCommandLine().getCommand() instanceof Main && asked != null) { // of help COMMAND
      return "unknown command %s; %s"
          .formatted(
              asked,
              NearestName.of(asked, command.subcommands().keySet())
                  .map("did you mean %s?"::formatted)
                  .orElse(help));
    }
    String message = error.getMessage();
    return "%s; %s".formatted(message == null ? "wrong usage" : message, help);
  }

  private static Stream<String> longNames(CommandSpec command) {
    return command.optionsMap().keySet().stream()
        .filter(name -> name.startsWith(DASHES))
        .map(Errors::withoutDashes);
  }

  /** The dashes are alike in all names, and would make all of them near. */
  private static String withoutDashes(String name) {
    return name.startsWith(DASHES) ? name.substring(DASHES.length()) : name;
  }
}
