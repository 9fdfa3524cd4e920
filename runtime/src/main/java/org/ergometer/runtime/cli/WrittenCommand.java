package org.ergometer.runtime.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A command as somebody may give it to a POSIX shell again. */
final class WrittenCommand {

  private static final String PROGRAM = "ergometer ";

  /** What no shell takes for anything but itself. */
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private WrittenCommand() {}

  /** The command of arguments as the program got them. */
  static String of(List<String> arguments) {
    return PROGRAM
        + arguments.stream().map(WrittenCommand::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String argument) {
    return PLAIN.matcher(argument).matches()
        ? argument
        : "'" + argument.replace("'", "'\\''") + "'";
  }
}
