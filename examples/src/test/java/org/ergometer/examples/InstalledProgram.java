package org.ergometer.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A program that is no part of the build; where it is not installed, tests of it are skipped. */
final class InstalledProgram {

  private static final String PATH = "/usr/bin" + File.pathSeparator + System.getenv("PATH");

  private final Path file;

  private InstalledProgram(Path file) {
    this.file = file;
  }

  /** What a program printed, both streams in one, and how it ended. */
  record Ended(int status, String output) {}

  /**
   * The first of some names that there is; else the test that asks is skipped, and says why.
   *
   * @param bringing Debian's package
   */
  static InstalledProgram require(String bringing, String... names) {
    return Arrays.stream(names)
        .flatMap(InstalledProgram::places)
        .filter(Files::isExecutable)
        .findFirst()
        .map(InstalledProgram::new)
        .orElseGet(
            () -> {
              String reason =
                  "%s is not installed; apt-get install %s brings it".formatted(names[0], bringing);
              System.err.println("skipped: " + reason);
              return abort(reason);
            });
  }

  private static Stream<Path> places(String name) {
    return Arrays.stream(PATH.split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder).resolve(name));
  }

  /** Its command line. */
  List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs it to its end. */
  Ended run(Path folder, String... arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(arguments))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
