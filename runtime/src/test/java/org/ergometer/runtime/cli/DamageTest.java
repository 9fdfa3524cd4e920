package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ergometer.runtime.checkpoint.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that read a run of which a file is damaged, a bit flipped or its end cut off: what they
 * give is right, or they say in a line what is wrong; the run stays as it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamageTest {

  private static final int TIMES = Integer.getInteger("ergometer.test.damages", 12);
  private static final long SEED = Long.getLong("ergometer.test.damage-seed", 8);

  /** Of a file's ends, where what describes the rest mostly stands. */
  private static final int ENDS = 400;

  private static final String LOG_DAMAGED = "log.jsonl is not as it was";

  private final Path directory;
  private final Path run;
  private final Random random = new Random(SEED);
  private int made;

  DamageTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.run = directory.resolve("run");
    String text = "It was the best of times, it was the worst of times. ";
    Path data = Files.writeString(directory.resolve("book.txt"), text.repeat(20));
    CommandLineRun trained =
        command(
            "train --no-metrics --peak 1e12 --layers 1 --width 12 --heads 3 --context 8 --batch 2"
                + " --eval-every 4 --eval-batches 3 --steps 9 --save-every 3 --average-decay 0.9"
                + " --no-energy --bias --data %s --run %s".formatted(data, run));
    assertThat(trained.exitCode()).as(trained.err()).isZero();
  }

  @Test
  void aDamagedSummaryIsNotShown() throws IOException {
    rightOrRefused("summary.json", 8 * TIMES, () -> command("report " + run));
    rightOrRefused("summary.json", TIMES, () -> command("report --json " + run));
    rightOrRefused("summary.json", TIMES, () -> command("compare %s %s".formatted(run, run)));
  }

  @Test
  void stepsOfADamagedLogAreCalledSo() throws IOException {
    rightOrRefused("log.jsonl", 8 * TIMES, () -> command("report %s --csv -".formatted(run)));
    rightOrRefused("log.jsonl", TIMES, () -> written("report %s --plot ".formatted(run)));
    rightOrRefused("log.jsonl", TIMES, () -> written("report %s --html ".formatted(run)));
  }

  @Test
  void aDamagedModelWritesNoText() throws IOException {
    rightOrRefused("checkpoints/last/model.zip", 3 * TIMES, this::generated);
    rightOrRefused("tokenizer.json", TIMES, this::generated);
  }

  @Test
  void aDamagedModelIsNotExported() throws IOException {
    rightOrRefused("checkpoints/last/model.zip", TIMES, this::exported);
    rightOrRefused("tokenizer.json", TIMES, this::exported);
  }

  /** Whatever it is, no command falls over it, and none writes into the run. */
  @Test
  void noFileMakesACommandFall() throws IOException {
    for (String file : digests(run).keySet()) {
      for (Supplier<CommandLineRun> command :
          List.<Supplier<CommandLineRun>>of(
              () -> command("report " + run),
              () -> written("report %s --html ".formatted(run)),
              this::generated)) {
        damaged(file, () -> requireTold(file, command.get()));
      }
    }
  }

  private CommandLineRun generated() {
    return command("generate %s --tokens 8 --temperature 0".formatted(run));
  }

  /** What an export says, and the digests of what it wrote. */
  private CommandLineRun exported() {
    Path to = directory.resolve("export-" + ++made);
    CommandLineRun export = command("export %s --to %s".formatted(run, to));
    return new CommandLineRun(export.exitCode(), digests(to).toString(), export.err());
  }

  /** What a command says, and the digest of the file that it wrote. */
  private CommandLineRun written(String words) {
    String ending = words.contains("--plot") ? ".png" : "";
    Path to = directory.resolve("file-" + ++made + ending);
    CommandLineRun done = command(words + to);
    return new CommandLineRun(done.exitCode(), digests(to).toString(), done.err());
  }

  /** Damages a file many times, and holds what comes of a command against what came before. */
  private void rightOrRefused(String file, int times, Supplier<CommandLineRun> command)
      throws IOException {
    CommandLineRun intact = command.get();
    assertThat(intact.exitCode()).as(intact.err()).isZero();
    assertThat(intact.out()).isNotEmpty();
    for (int time = 0; time < times; time++) {
      damaged(
          file,
          () -> {
            CommandLineRun got = command.get();
            requireTold(file, got);
            boolean told = got.exitCode() != 0 || got.err().contains(LOG_DAMAGED);
            assertThat(told ? intact.out() : got.out()).isEqualTo(intact.out());
          });
    }
  }

  private static void requireTold(String file, CommandLineRun got) {
    assertThat(got.err()).as(file).doesNotContain("Exception:", "--stacktrace");
    if (got.exitCode() != 0) {
      assertThat(got.exitCode()).as(got.err()).isEqualTo(ExitCode.WRONG_USAGE.status());
      // the log is looked at first
      assertThat(got.err().lines().filter(line -> !line.contains(LOG_DAMAGED))).hasSize(1);
    }
  }

  /** Flips a bit of a file, or cuts it, for as long as something is done. */
  private void damaged(String name, Runnable work) throws IOException {
    Path file = run.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length == 0) {
      return;
    }
    boolean ends = random.nextBoolean();
    int at = random.nextInt(ends ? Math.min(bytes.length, ENDS) : bytes.length);
    at = ends && random.nextBoolean() ? bytes.length - 1 - at : at;
    byte[] damaged = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes.clone();
    int bit = random.nextInt(Byte.SIZE);
    if (damaged.length == bytes.length) {
      damaged[at] ^= (byte) (1 << bit);
    }
    // In place: the model has a second name, which has to stay the same file.
    Files.write(file, damaged);
    try {
      Map<String, String> before = digests(run);
      work.run();
      assertThat(digests(run)).isEqualTo(before);
    } catch (AssertionError e) {
      throw new AssertionError(
          "%s, bit %s of byte %s of %s, %s left"
              .formatted(name, bit, at, bytes.length, damaged.length),
          e);
    } finally {
      Files.write(file, bytes);
    }
  }

  private static CommandLineRun command(String words) {
    return CommandLineRun.of(words.split(" "));
  }

  private static Map<String, String> digests(Path root) {
    Map<String, String> digests = new TreeMap<>();
    if (!Files.exists(root)) {
      return digests;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        digests.put(root.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digests;
  }
}
