package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a file or an argument says never works on a terminal, and never passes for our own words.
 */
class VisibleOutputTest {

  private static final String EVIL = "\u001b]0;x\u0007\u202e\u009b2J\rdone";
  private static final String SEEN = "\\u001b]0;x\\u0007\\u202e\\u009b2J\\u000ddone";
  private static final String FORGED = "fine\nergometer: all is well";

  private final Path directory;

  VisibleOutputTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void reportShowsWhatASummaryHides() throws IOException {
    Path run = run("evil", EVIL);

    CommandLineRun report = CommandLineRun.of("report", run.toString());

    assertThat(report.exitCode()).as(report.err()).isZero();
    assertThat(report.out())
        .contains("Run " + SEEN, "unknown cause \"<b>", "unknown phase \"forwards\"")
        .doesNotContain("\nergometer:");
    assertShown(report);
  }

  @Test
  void jsonIsTheSameToReaders() throws IOException {
    Path run = run("evil", EVIL);

    CommandLineRun report = CommandLineRun.of("report", run.toString(), "--json");

    assertThat(new JsonMapper().readTree(report.out()).path("run_id").asText()).isEqualTo(EVIL);
    assertShown(report);
  }

  @Test
  void compareShowsWhatSummariesHide() throws IOException {
    CommandLineRun comparison =
        CommandLineRun.of("compare", run("a", EVIL).toString(), run("b", "other").toString());

    assertThat(comparison.out())
        .contains("A: " + SEEN, "Environment: cpu " + SEEN)
        .doesNotContain("\nergometer:");
    assertShown(comparison);
  }

  @Test
  void errorsShowWhatTheyQuote() {
    CommandLineRun name = CommandLineRun.of("report", directory.resolve(EVIL).toString());
    CommandLineRun value = CommandLineRun.of("plan", "--flops", EVIL);
    CommandLineRun option = CommandLineRun.of("plan", "--" + EVIL);

    for (CommandLineRun run : new CommandLineRun[] {name, value, option}) {
      assertThat(run.exitCode()).isEqualTo(ExitCode.WRONG_USAGE.status());
      assertThat(run.err()).contains(SEEN).hasLineCount(1);
      assertShown(run);
    }
    assertThat(CommandLineRun.of("plan", "--flops", FORGED).err()).hasLineCount(1);
  }

  private static void assertShown(CommandLineRun run) {
    assertThat(run.out() + run.err())
        .doesNotContainPattern("[\\x00-\\x09\\x0B-\\x1F\\x7F-\\x9F\\u202E]");
  }

  private Path run(String name, String evil) throws IOException {
    ObjectNode summary = JsonNodeFactory.instance.objectNode();
    summary
        .put("schema", "ergometer.run/1")
        .put("run_id", evil)
        .put("status", FORGED)
        .put("steps", 1)
        .put("tokens", 8);
    summary
        .putObject("reconciliation")
        .putArray("causes")
        .addObject()
        .put("cause", "<b>" + evil)
        .put("phase", "forwards")
        .put("flops", 1);
    summary.putObject("environment").put("cpu", evil);
    Path run = Files.createDirectory(directory.resolve(name));
    Files.writeString(run.resolve("summary.json"), summary.toString());
    Files.writeString(run.resolve("config.yaml"), "steps: 1\n");
    return run;
  }
}
