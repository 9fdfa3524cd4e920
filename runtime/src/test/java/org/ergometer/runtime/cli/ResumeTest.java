package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.ergometer.accounting.op.Phase;
import org.ergometer.accounting.predict.DecodingWork;
import org.ergometer.accounting.predict.MatrixProducts;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.runtime.checkpoint.RunDirectory;
import org.ergometer.runtime.checkpoint.RunLock;
import org.ergometer.runtime.checkpoint.Sha256;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run whose process died is gone on with. What a dead process leaves is made from a whole run: of
 * its checkpoints only some, of its log and its journal more than they stand for.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResumeTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String TEXT = "It was the best of times, it was the worst of times. ";
  private static final int STEPS = 12;
  private static final int SAVE_EVERY = 3;
  // the text's distinct characters: " ,.I" and "abefhimorstw"
  private static final TransformerShape SHAPE =
      new TransformerShape(1, 12, 3, 48, 16, 8, true, false);

  private final Path directory;
  private final Path data;
  private Path whole;
  private final JsonNode wholeSummary;
  private Path run;
  private int attempts;

  ResumeTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    data = Files.writeString(directory.resolve("book.txt"), TEXT.repeat(20));
    whole = directory.resolve("whole");
    run = whole;
    CommandLineRun command = begin(SAVE_EVERY, 100, whole);
    assertThat(command.exitCode()).as(command.err()).isZero();
    wholeSummary = MAPPER.readTree(command.out());
  }

  @BeforeEach
  void copyWhole() throws IOException {
    whole = directory.resolve("whole");
    copy();
  }

  private void copy() throws IOException {
    run = directory.resolve("copy-" + ++attempts);
    try (Stream<Path> files = Files.walk(whole)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(whole.relativize(file).toString()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 9, 12})
  void goesOnAsIfNothingHadHappened(int step) throws IOException {
    forgetAfter(step);

    JsonNode summary = resume();

    assertThat(log(run)).hasSize(STEPS).isEqualTo(log(whole));
    for (String key :
        List.of("steps", "tokens", "final_loss", "validation_loss", "predicted", "model")) {
      assertThat(summary.path(key)).as(key).isEqualTo(wholeSummary.path(key));
    }
    assertThat(summary.path("time").path("started"))
        .isEqualTo(wholeSummary.path("time").path("started"));
    assertThat(summary.path("time").path("seconds").asDouble())
        .isGreaterThan(wholeSummary.path("time").path("seconds").asDouble());
    assertThat(summary.path("recipe").path("command"))
        .isEqualTo(wholeSummary.path("recipe").path("command"));
    assertThat(summary.path("recipe").path("resumed_with")).hasSize(1);
    JsonNode reconciliation = summary.path("reconciliation");
    assertThat(reconciliation.path("residual").asLong()).isZero();
    assertThat(reconciliation.path("exact").asBoolean()).isTrue();
    assertThat(redone(summary)).isEqualTo(lost(step));
    assertThat(matmul(summary)).isEqualTo(matmul(wholeSummary).add(lost(step)).add(sampled(step)));
  }

  /** Random numbers, the average and what spikes are told by go on as well. */
  @ParameterizedTest
  @ValueSource(strings = {"lion", "adafactor"})
  void goesOnWithDropoutAnAverageAndAWatchForSpikes(String optimizer) throws IOException {
    String options =
        " --dropout 0.1 --average-decay 0.9 --spike-deviations 50 --accumulate 2 --optimizer "
            + optimizer;
    whole = directory.resolve("whole-" + optimizer);
    CommandLineRun command = train(options(SAVE_EVERY, 100, whole) + options);
    assertThat(command.exitCode()).as(command.err()).isZero();
    JsonNode expected = MAPPER.readTree(command.out());
    copy();
    forgetAfter(6);

    JsonNode summary = resume();

    assertThat(log(run)).hasSize(STEPS).isEqualTo(log(whole));
    for (String key : List.of("final_loss", "validation_loss", "tokens")) {
      assertThat(summary.path(key)).as(key).isEqualTo(expected.path(key));
    }
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(run.resolve("checkpoints/step-12/model.zip"))
        .hasSameBinaryContentAs(whole.resolve("checkpoints/step-12/model.zip"));
    assertThat(expected.path("final_loss")).isNotEqualTo(wholeSummary.path("final_loss"));
  }

  /** Steps after the checkpoint, evaluations of 3 times 768 tokens after steps 4, 8 and 12. */
  private static BigInteger lost(int step) {
    int evaluations = STEPS / 4 - step / 4;
    return MatrixProducts.trainingStep(SHAPE, 2, 8)
        .times(STEPS - step)
        .plus(MatrixProducts.forwardPass(SHAPE, 288, 8, Phase.EVALUATION).times(evaluations))
        .flops();
  }

  /**
   * Texts are written once more: 128 tokens after steps 4 and 8 if those are redone, 256 at the
   * end.
   */
  private static BigInteger sampled(int step) {
    int texts = Math.max(0, 2 - step / 4);
    DecodingWork work = TrainRunTest.LONG_TEXT;
    for (int text = 0; text < texts; text++) {
      work = work.plus(TrainRunTest.TEXT_OF_128);
    }
    return MatrixProducts.decoding(SHAPE, work, Phase.OTHER).flops();
  }

  @Test
  void totalsDoNotDependOnHowOftenItIsSaved() throws IOException {
    // not the first run of this process, whose workspaces are new
    CommandLineRun seldom = begin(STEPS, 1, directory.resolve("seldom"));
    CommandLineRun often = begin(1, 1, directory.resolve("often"));

    assertThat(often.exitCode()).as(often.err()).isZero();
    JsonNode flops = MAPPER.readTree(often.out()).path("flops");
    assertThat(flops.equals(MAPPER.readTree(seldom.out()).path("flops"))).isTrue();
    assertThat(directory.resolve("often/checkpoints")).isDirectoryContaining("glob:**/step-12");
    assertThat(directory.resolve("often/checkpoints/step-11")).doesNotExist();
  }

  @Test
  void beginsAgainWithoutACheckpoint() throws IOException {
    forgetAfter(0);

    CommandLineRun command = train("--resume --run " + run);

    assertThat(command.err()).contains("beginning at step 1");
    JsonNode summary = MAPPER.readTree(command.out());
    assertThat(log(run)).isEqualTo(log(whole));
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(redone(summary)).isEqualTo(lost(0));
  }

  @Test
  void doesNotLoseWhatAnEarlierProcessHadLost() throws IOException {
    forgetAfter(9);
    resume();
    forgetAfter(6);

    JsonNode summary = resume();

    assertThat(redone(summary)).isEqualTo(lost(9).add(lost(6)));
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(log(run)).isEqualTo(log(whole));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.zip", "training.json", "executed.bin", "SHA256SUMS"})
  void fallsBackFromADamagedCheckpoint(String file) throws IOException {
    flip(run.resolve("checkpoints/step-12").resolve(file));

    CommandLineRun command = train("--resume --run " + run);

    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(command.err()).containsOnlyOnce("checkpoint step-12 is damaged");
    assertThat(command.err()).contains("going on after step 9");
    assertThat(log(run)).isEqualTo(log(whole));
    assertThat(run.resolve("checkpoints/step-12.damaged")).isDirectory();
  }

  @Test
  void refusesWhereEveryCheckpointIsDamaged() throws IOException {
    for (int step = 1; step <= 30; step++) {
      Path model = run.resolve("checkpoints/step-" + step).resolve("model.zip");
      if (Files.exists(model)) {
        flip(model);
      }
    }
    String before = Files.readString(run.resolve("log.jsonl"));

    for (int attempt = 0; attempt < 2; attempt++) {
      CommandLineRun command = train("--resume --run " + run);
      assertThat(command.exitCode()).as(command.err()).isEqualTo(ExitCode.WRONG_USAGE.status());
      assertThat(command.err()).contains("every checkpoint in");
      assertThat(Files.readString(run.resolve("log.jsonl"))).isEqualTo(before);
    }
  }

  @Test
  void refusesACheckpointOfAnotherVersionAndTouchesNothing() throws IOException {
    Path state = run.resolve("checkpoints/step-9/training.json");
    String before = Files.readString(state);
    Files.writeString(state, before.replace("ergometer.checkpoint/1", "ergometer.checkpoint/7"));
    Path sums = run.resolve("checkpoints/step-9/SHA256SUMS");
    Files.writeString(
        sums,
        Files.readString(sums)
            .replace(Sha256.of(before.getBytes(UTF_8)), Sha256.of(Files.readAllBytes(state))));
    flip(run.resolve("checkpoints/step-12/model.zip"));
    Map<String, String> files = digests(run);

    CommandLineRun refused = train("--resume --run " + run);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("step-9 is of the format ergometer.checkpoint/7, and this version reads")
        .contains("resume with the version that wrote it")
        .hasLineCount(1);
    assertThat(digests(run)).isEqualTo(files);

    // the same with a bit of the version flipped is damage
    Files.writeString(
        sums, Files.readString(sums).replace(Sha256.of(Files.readAllBytes(state)), ""));
    assertThat(train("--resume --run " + run).err()).contains("going on after step 8");
  }

  /** One bit of each file of a run: it goes on exactly, or says why not and leaves all as it is. */
  @Test
  void aFlippedBitInAnyFileIsToldOrDoesNotMatter() throws IOException {
    Random random = new Random(Long.getLong("ergometer.test.flip-seed", 8));
    int flips = Integer.getInteger("ergometer.test.flips", 1);
    for (String file : digests(whole).keySet()) {
      for (int flip = 0; flip < flips; flip++) {
        copy();
        byte[] bytes = Files.readAllBytes(run.resolve(file));
        if (bytes.length == 0) {
          continue;
        }
        int bit = random.nextInt(bytes.length * Byte.SIZE);
        bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        Files.write(run.resolve(file), bytes);
        Map<String, String> before = digests(run);

        CommandLineRun command = train("--resume --run " + run);

        String what = "bit %s of %s: %s".formatted(bit, file, command.err());
        assertThat(command.err()).as(what).doesNotContain("Exception", "--stacktrace");
        if (command.exitCode() == 0) {
          JsonNode summary = MAPPER.readTree(command.out());
          assertThat(summary.path("final_loss"))
              .as(what)
              .isEqualTo(wholeSummary.path("final_loss"));
          assertThat(summary.path("reconciliation").path("residual").asLong()).as(what).isZero();
        } else {
          assertThat(command.exitCode()).as(what).isEqualTo(2);
          assertThat(command.err()).as(what).hasLineCount(1);
          assertThat(digests(run)).as(what).isEqualTo(before);
        }
      }
    }
  }

  /** What each file of a run holds; the lock holds nothing. */
  private static Map<String, String> digests(Path run) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        digests.put(run.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
      }
    }
    return digests;
  }

  @ParameterizedTest
  @ValueSource(strings = {"log.jsonl", "ledger.journal", "tokenizer.json"})
  void saysWhatElseIsDamaged(String file) throws IOException {
    flip(run.resolve(file));

    CommandLineRun command = train("--resume --run " + run);

    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(command.err()).containsOnlyOnce(file);
    JsonNode summary = MAPPER.readTree(command.out());
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(summary.path("final_loss")).isEqualTo(wholeSummary.path("final_loss"));
    CommandLineRun again = train("--resume --run " + run);
    assertThat(MAPPER.readTree(again.out()).path("reconciliation").path("residual").asLong())
        .isZero();
  }

  @Test
  void refusesADamagedModelToGenerateFrom() throws IOException {
    flip(run.resolve("checkpoints/last/model.zip"));

    CommandLineRun command = CommandLineRun.of("generate", run.toString());

    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.err()).contains("model.zip is damaged").hasLineCount(1);
  }

  @Test
  void refusesAnotherConfigurationUnlessItIsWanted() throws IOException {
    forgetAfter(6);
    String changed = " --learning-rate 2e-3 --batch 3 --eval-batches 1 --run " + run;

    byte[] logBefore = Files.readAllBytes(run.resolve("log.jsonl"));

    CommandLineRun refused = train("--resume" + changed);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("batch was 2 and is 3; learning-rate was 0.001 and is 0.002")
        .contains("--resume-with-changes")
        .hasLineCount(1);
    assertThat(run.resolve("log.jsonl")).hasBinaryContent(logBefore);

    CommandLineRun wanted = train("--resume-with-changes" + changed);

    JsonNode summary = MAPPER.readTree(wanted.out());
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    // six steps of two windows of 8 tokens, six of three
    assertThat(summary.path("tokens").asInt()).isEqualTo(6 * 2 * 8 + 6 * 3 * 8);
    assertThat(log(run).subList(0, 6)).isEqualTo(log(whole).subList(0, 6));
    assertThat(Files.readString(run.resolve("config.yaml"))).contains("batch: 3");
  }

  @Test
  void refusesAnotherTextAndAnotherModel() throws IOException {
    Path other = Files.writeString(directory.resolve("other.txt"), TEXT.repeat(19));
    Files.writeString(
        run.resolve("config.yaml"),
        Files.readString(whole.resolve("config.yaml")).replace("book.txt", "other.txt"));
    assertThat(other).exists();

    CommandLineRun text = train("--resume --run " + run);

    assertThat(text.exitCode()).isEqualTo(2);
    assertThat(text.err()).contains("data was", "other.txt").hasLineCount(1);

    CommandLineRun model = train("--resume-with-changes --width 24 --head-dim 8 --run " + run);

    assertThat(model.exitCode()).isEqualTo(2);
    assertThat(model.err()).contains("leave the model's options as they were");
    assertThat(log(run)).isEqualTo(log(whole));
  }

  @Test
  void refusesAnotherTokenizer() throws IOException {
    Map<String, String> before = digests(run);

    CommandLineRun bytes = train("--resume-with-changes --tokenizer byte --run " + run);

    assertThat(bytes.exitCode()).isEqualTo(2);
    assertThat(bytes.err())
        .contains("the tokenizer is not the one of the checkpoint at step 12 (a byte one of")
        .hasLineCount(1);
    assertThat(digests(run)).isEqualTo(before);
  }

  @Test
  void anotherOptimizerBeginsWithoutState() throws IOException {
    forgetAfter(6);

    CommandLineRun changed = train("--resume-with-changes --optimizer lion --run " + run);

    assertThat(changed.exitCode()).as(changed.err()).isZero();
    assertThat(changed.err()).contains("the checkpoint's optimizer was another than lion");
    JsonNode summary = MAPPER.readTree(changed.out());
    assertThat(summary.path("steps").asInt()).isEqualTo(STEPS);
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(run.resolve("checkpoints/step-12.part")).doesNotExist();
  }

  @Test
  void refusesARunInUseAndARunThatIsNone() throws IOException {
    try (RunLock lock = RunLock.take(RunDirectory.open(run))) {
      CommandLineRun used = train("--resume --run " + run);
      assertThat(used.exitCode()).isEqualTo(2);
      assertThat(used.err()).contains("is in use by another process").hasLineCount(1);
    }
    assertThat(train("--resume").err()).contains("resume needs the directory of a run");
    assertThat(train("--resume --run " + directory).err()).contains("holds no config.yaml");
  }

  private CommandLineRun begin(int saveEvery, int keep, Path where) {
    return train(options(saveEvery, keep, where));
  }

  private String options(int saveEvery, int keep, Path where) {
    return ("--no-metrics --peak 1e12 --layers 1 --width 12 --heads 3 --context 8"
            + " --batch 2 --eval-every 4 --eval-batches 3 --steps %s --save-every %s"
            + " --keep %s --data %s --run %s")
        .formatted(STEPS, saveEvery, keep, data, where);
  }

  private static CommandLineRun train(String options) {
    return CommandLineRun.of(("train --json " + options).split(" "));
  }

  private JsonNode resume() throws IOException {
    CommandLineRun command = train("--resume --run " + run);
    assertThat(command.exitCode()).as(command.err()).isZero();
    return MAPPER.readTree(command.out());
  }

  /** Only checkpoints until a step are left, and half a line at the end of the log. */
  private void forgetAfter(int step) throws IOException {
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      for (Path checkpoint : checkpoints.toList()) {
        String[] name = checkpoint.getFileName().toString().split("-", -1);
        if (name.length == 2 && Integer.parseInt(name[1]) > step) {
          for (String file : List.of("model.zip", "training.json", "executed.bin", "SHA256SUMS")) {
            Files.delete(checkpoint.resolve(file));
          }
          Files.delete(checkpoint);
        }
      }
    }
    Files.writeString(run.resolve("log.jsonl"), "{\"step\":13,\"lo", StandardOpenOption.APPEND);
    Files.write(run.resolve("ledger.journal"), new byte[] {0, 0, 1}, StandardOpenOption.APPEND);
    Path part = Files.createDirectories(run.resolve("checkpoints/step-12.part"));
    Files.copy(data, part.resolve("model.zip"), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
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

  private static BigInteger redone(JsonNode summary) {
    BigInteger sum = BigInteger.ZERO;
    for (JsonNode cause : summary.path("reconciliation").path("causes")) {
      if (cause.path("cause").asText().equals("redone")) {
        sum = sum.add(cause.path("flops").bigIntegerValue());
      }
    }
    return sum;
  }

  private static BigInteger matmul(JsonNode summary) {
    return summary.path("flops").path("matmul").bigIntegerValue();
  }
}
