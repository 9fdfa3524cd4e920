package org.ergometer.examples.peer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One of the two processes, seen from the one that holds them against each other. Each has its own
 * thread pools; while it waits for the next command its threads sleep.
 */
final class Contender implements AutoCloseable {

  /** A heap that does not grow into the comparison of memory; what the launcher sets. */
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmn24m", "-Dorg.nd4j.log.initialization=false");

  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter commands;

  /** What one step took and gave. */
  record Step(double seconds, double loss) {}

  /**
   * Starts a process and waits until it is ready to train.
   *
   * @param environment variables that it gets unless the user has set them
   */
  Contender(Class<?> main, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-D") || argument.startsWith("--"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    environment.forEach(builder.environment()::putIfAbsent);
    process = builder.start();
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    commands = new PrintWriter(process.getOutputStream(), true, UTF_8);
    answer("@ready");
  }

  /** Trains for so many steps. */
  List<Step> steps(int count) throws IOException {
    commands.println("steps " + count);
    List<Step> steps = new ArrayList<>(count);
    for (int step = 0; step < count; step++) {
      String[] words = answer("@step").split(" ", -1);
      steps.add(new Step(Long.parseLong(words[1]) * 1e-9, Double.parseDouble(words[2])));
    }
    return steps;
  }

  /** Largest resident memory since the process was ready, in bytes; negative if unknown. */
  long peakMemory() throws IOException {
    commands.println("memory");
    return Long.parseLong(answer("@memory").split(" ", -1)[1]);
  }

  /** The next line that is an answer; libraries may print others. */
  private String answer(String word) throws IOException {
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(word)) {
        return line;
      }
    }
    throw new IOException("the process ended before it said " + word + "; see its output above");
  }

  /** Ends the process: its input has no more lines. */
  @Override
  public void close() {
    commands.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }
}
