package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ergometer.accounting.ledger.LedgerJournal;
import org.ergometer.accounting.ledger.WorkRecord;
import org.ergometer.runtime.checkpoint.Work;
import org.ergometer.runtime.energy.EnergyTallies;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that is killed at any moment leaves a run that another ends as if it were its own. */
class KillTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int KILLS = Integer.getInteger("ergometer.test.kills", 1);
  private static final long SEED = Long.getLong("ergometer.test.kill-seed", 8);
  private static final int STEPS = Integer.getInteger("ergometer.test.kill-steps", 300);
  private static final int WATTS = 100;
  private static final String RUN =
      "train --no-metrics --peak 1e12 --layers 1 --width 16 --heads 2 --context 16 --batch 2"
          + " --eval-every 40 --eval-batches 2 --save-every 23 --idle-seconds 0 --steps "
          + STEPS;
  private static final long MINUTES_TO_WAIT = 3;
  private static final double SECONDS_BETWEEN_RECORDS = 2;
  private static final double ROUNDING = 1e-5; // joules, of tallies in whole microjoules

  private static final Pattern RESUMED = Pattern.compile("going on after step (\\d+)");

  private final Path directory;
  private int cutShort;

  KillTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** What is trained: each has state of its own that must survive. */
  enum Way {
    PLAIN(""),
    SCALED_LOSS(" --precision mixed-float16 --loss-scale 2^30 --loss-scale-window 10"),
    RANDOM_AND_AVERAGED(
        " --dropout 0.1 --average-decay 0.99 --accumulate 2 --order shuffled --optimizer lion"
            + " --spike-deviations 3 --divergence skip");

    private final String options;

    Way(String options) {
      this.options = options;
    }
  }

  @ParameterizedTest
  @EnumSource
  void resumedRunsEqualTheOneThatWasNeverKilled(Way way) throws Exception {
    Path whole = directory.resolve("whole");
    String begin = RUN + way.options + " --energy-replay " + constantPower() + " --run ";
    assertThat(start(begin + whole).waitFor()).as(errors()).isZero();
    Path run = directory.resolve("run");
    Random random = new Random(SEED);

    String command = begin + run;
    long started = System.nanoTime();
    int kills = 0;
    List<WorkRecord> records = List.of();
    while (kills < KILLS && !summary(run).path("status").asText().equals("completed")) {
      long processStarted = System.nanoTime();
      Process process = start(command);
      kills += killAfter(process, run, random) ? 1 : 0;
      records = checkJournal(run, records, seconds(processStarted));
      command = Files.exists(run.resolve("config.yaml")) ? "train --resume --run " + run : command;
    }
    if (Integer.getInteger("ergometer.test.kills") != null) {
      System.out.printf("%s: %d kills, %d while saving%n", way, kills, cutShort);
      assertThat(kills)
          .as("kills before the end; raise ergometer.test.kill-steps")
          .isEqualTo(KILLS);
    }
    Process last = start(command);
    assertThat(last.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES)).isTrue();
    double seconds = seconds(started);
    assertThat(last.exitValue()).as(errors()).isZero();

    assertThat(log(run)).hasSize(STEPS).isEqualTo(log(whole));
    checkTotals(run, whole);
    checkEnergy(summary(run), seconds);
  }

  /** Every total is that of the whole run and of what had to be done again. */
  private void checkTotals(Path run, Path whole) throws IOException {
    JsonNode summary = summary(run);
    JsonNode expected = summary(whole);
    for (String key :
        List.of("steps", "skipped_steps", "tokens", "final_loss", "validation_loss", "predicted")) {
      assertThat(summary.path(key)).as(key).isEqualTo(expected.path(key));
    }
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(summary.path("reconciliation").path("exact").asBoolean()).isTrue();
    for (String cause : List.of("evaluation", "skipped")) {
      assertThat(cause(summary, cause)).as(cause).isEqualTo(cause(expected, cause));
    }
    assertThat(matmul(summary).subtract(cause(summary, "redone", "sampling")))
        .isEqualTo(matmul(expected).subtract(cause(expected, "sampling")));
    Work done = executed(run);
    Work needed = executed(whole);
    assertProportional("forward", summary, done.steps(), expected, needed.steps());
    assertProportional("backward", summary, done.steps(), expected, needed.steps());
    assertProportional("evaluation", summary, done.evaluated(), expected, needed.evaluated());
    BigInteger counted = BigInteger.ZERO;
    for (WorkRecord record : LedgerJournal.read(run.resolve("ledger.journal")).records()) {
      counted = counted.add(record.ledger().flops());
    }
    assertThat(summary.path("flops").path("total").bigIntegerValue()).isEqualTo(counted);
  }

  /** Each step, or evaluation, took as many FLOPs in both runs. */
  private static void assertProportional(
      String phase, JsonNode summary, long done, JsonNode expected, long needed) {
    assertThat(phase(summary, phase).multiply(BigInteger.valueOf(needed)))
        .as("%s: %d instead of %d", phase, done, needed)
        .isEqualTo(phase(expected, phase).multiply(BigInteger.valueOf(done)));
  }

  /** 100 W all the time; no second is counted twice, and the steps that count are within. */
  private static void checkEnergy(JsonNode summary, double seconds) {
    JsonNode energy = summary.path("energy");
    double joules = energy.path("joules").asDouble();
    double stepSeconds =
        summary.path("tokens").asDouble()
            / summary.path("throughput").path("tokens_per_second").asDouble();
    assertThat(joules / WATTS).isGreaterThan(stepSeconds).isLessThan(seconds);
    assertThat(energy.path("coverage").asDouble()).isBetween(0.9, 1.0);
    assertThat(energy.path("redone_joules").asDouble()).isLessThan(joules);
  }

  /**
   * What the killed process left in the journal: all that its log shows, but less than the last two
   * seconds and a step; what earlier ones left is as it was.
   */
  private List<WorkRecord> checkJournal(Path run, List<WorkRecord> before, double seconds)
      throws IOException {
    LedgerJournal.Contents journal = LedgerJournal.read(run.resolve("ledger.journal"));
    assertThat(journal.damaged()).isFalse();
    List<WorkRecord> records = journal.records();
    assertThat(records.size()).isBetween(before.size(), before.size() + 1);
    assertThat(records.subList(0, before.size())).isEqualTo(before);
    if (records.size() == before.size()) {
      return records;
    }
    WorkRecord own = records.get(before.size());
    long recorded = Work.of(own.tallies()).steps();
    double joules = EnergyTallies.read(own.tallies()).joules().orElse(0);
    assertThat(joules / WATTS).isLessThan(seconds);
    List<JsonNode> lines = ownLines(run);
    double logged = 0;
    double unrecorded = 0;
    for (int line = 0; line < lines.size(); line++) {
      if (line < recorded) {
        logged += lines.get(line).path("joules").asDouble();
      } else if (line > recorded && line < lines.size() - 1) {
        unrecorded += lines.get(line).path("seconds").asDouble();
      }
    }
    assertThat(joules).isGreaterThanOrEqualTo(logged - ROUNDING);
    assertThat(unrecorded).isLessThan(SECONDS_BETWEEN_RECORDS);
    return records;
  }

  /** What the process logged that was killed. */
  private List<JsonNode> ownLines(Path run) throws IOException {
    Matcher earlier = RESUMED.matcher(errors());
    int step = earlier.find() ? Integer.parseInt(earlier.group(1)) : 0;
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      JsonNode node = MAPPER.readTree(line);
      if (node.path("step").asInt() > step) {
        lines.add(node);
      }
    }
    return lines;
  }

  /** A logger's file of ten hours at the same power. */
  private Path constantPower() throws IOException {
    return Files.writeString(
        directory.resolve("replay.csv"), "time,wall\n0,0\n36000,%s\n".formatted(36000L * WATTS));
  }

  /**
   * Kills within the time that a run takes, from before its first file until after its last; of
   * those that have begun a third while a checkpoint is written.
   */
  private boolean killAfter(Process process, Path run, Random random) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES_TO_WAIT);
    Instant started = Instant.now();
    boolean begun = random.nextInt(4) > 0;
    boolean saving = begun && random.nextInt(3) == 0;
    long before = size(run);
    while (begun && process.isAlive() && size(run) == before) {
      assertThat(System.nanoTime()).as("a step is done").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
    TimeUnit.MILLISECONDS.sleep(random.nextInt(begun ? 1500 : 3000));
    while (saving && process.isAlive() && !isSaving(run, started)) {
      assertThat(System.nanoTime()).as("a checkpoint is begun").isLessThan(deadline);
    }
    if (saving) {
      TimeUnit.MICROSECONDS.sleep(random.nextInt(10_000));
    }
    boolean killed = process.isAlive();
    process.destroyForcibly();
    assertThat(process.waitFor(MINUTES_TO_WAIT, TimeUnit.MINUTES)).isTrue();
    cutShort += killed && isSaving(run, started) ? 1 : 0;
    return killed;
  }

  /** Whether a checkpoint is unfinished that was begun since a moment. */
  private static boolean isSaving(Path run, Instant since) throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(checkpoints)) {
      for (Path entry : entries.filter(path -> path.toString().endsWith(".part")).toList()) {
        if (Files.getLastModifiedTime(entry).toInstant().isAfter(since)) {
          return true;
        }
      }
      return false;
    } catch (NoSuchFileException e) {
      return false; // it was finished meanwhile
    }
  }

  private static long size(Path run) throws IOException {
    Path journal = run.resolve("ledger.journal");
    return Files.exists(journal) ? Files.size(journal) : 0;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private Process start(String command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    words.add(Main.class.getName());
    words.addAll(List.of(command.split(" ")));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(directory.resolve("err.txt").toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  /** What the process said that was started last. */
  private String errors() throws IOException {
    return Files.readString(directory.resolve("err.txt"));
  }

  private static List<JsonNode> log(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("log.jsonl"))) {
      ObjectNode step = (ObjectNode) MAPPER.readTree(line);
      step.remove(List.of("tokens_per_second", "seconds", "joules"));
      lines.add(step);
    }
    return lines;
  }

  private static JsonNode summary(Path run) throws IOException {
    Path file = run.resolve("summary.json");
    return Files.exists(file) ? MAPPER.readTree(Files.readString(file)) : MAPPER.createObjectNode();
  }

  /** What all processes of a run executed. */
  private static Work executed(Path run) throws IOException {
    Work work = Work.NONE;
    for (WorkRecord record : LedgerJournal.read(run.resolve("ledger.journal")).records()) {
      work = work.plus(Work.of(record.tallies()));
    }
    return work;
  }

  /** All FLOPs of a phase, those of matrix products among them. */
  private static BigInteger phase(JsonNode summary, String phase) {
    return summary.path("flops").path("by_phase").path(phase).bigIntegerValue();
  }

  private static BigInteger matmul(JsonNode summary) {
    return summary.path("flops").path("matmul").bigIntegerValue();
  }

  private static BigInteger cause(JsonNode summary, String... names) {
    BigInteger sum = BigInteger.ZERO;
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      if (List.of(names).contains(cause.path("cause").asText())) {
        sum = sum.add(cause.path("flops").bigIntegerValue());
      }
    }
    return sum;
  }
}
