package org.ergometer.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ergometer.runtime.cli.Main;

/** Ergometer in a process of its own, as the launcher starts it. */
final class ErgometerProcess implements AutoCloseable {

  private static final Pattern PAGE = Pattern.compile("live page at (\\S+),");
  private static final long SECONDS_TO_WAIT = 180;

  private final Process process;
  private final Path output;

  private ErgometerProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a command.
   *
   * @param output file that all it prints goes to
   * @param words of the command line
   */
  static ErgometerProcess start(Path output, String... words) throws IOException {
    return start(output, 1, words);
  }

  /**
   * Starts a command that computes on several threads.
   *
   * @param threads one where others share the machine, since they spin while they wait
   */
  static ErgometerProcess start(Path output, int threads, String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    return new ErgometerProcess(builder.start(), output);
  }

  /** Where its page is; waits until it says so. */
  String page() throws Exception {
    Matcher said = PAGE.matcher("");
    await(
        "the page's address",
        () -> said.reset(printed()).find() || !process.isAlive(),
        SECONDS_TO_WAIT);
    assertThat(said.reset(printed()).find()).as(printed()).isTrue();
    return said.group(1);
  }

  String printed() throws IOException {
    return Files.readString(output);
  }

  long id() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM, as {@code kill} sends it. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL: it cannot do anything any more. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  int status() throws InterruptedException {
    assertThat(process.waitFor(SECONDS_TO_WAIT, TimeUnit.SECONDS)).as("the process ends").isTrue();
    return process.exitValue();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** A question that is asked until the answer is yes. */
  @FunctionalInterface
  interface Question {
    boolean ask() throws Exception;
  }

  static void await(String what, Question question) throws Exception {
    await(what, question, SECONDS_TO_WAIT);
  }

  private static void await(String what, Question question, long seconds) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!question.ask()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }
}
