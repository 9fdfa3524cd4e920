package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A model goes out, comes back, and is trained further. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WeightsCommandTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String LLAMA =
      "--norm rmsnorm --positions rope --activation swiglu --ffn 20 --heads 4 --kv-heads 2 --untied";

  private final Path directory;
  private final Path data;
  private final Path run;
  private final Path exported;
  private final Path imported;

  WeightsCommandTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    data =
        Files.writeString(directory.resolve("text.txt"), "one two three four five six ".repeat(99));
    run = directory.resolve("run");
    exported = directory.resolve("exported");
    imported = directory.resolve("imported");
  }

  @BeforeAll
  void trainExportImport() {
    succeed(train("--run " + run + " --layers 2 --width 16 --context 16 --steps 20 " + LLAMA));
    succeed(run("export %s --to %s".formatted(run, exported)));
    succeed(run("import %s --run %s".formatted(exported, imported)));
  }

  private static CommandLineRun run(String arguments) {
    return CommandLineRun.of(arguments.split(" ", -1));
  }

  private CommandLineRun train(String arguments) {
    return run(
        "train --json --no-metrics --no-energy --peak 1e12 --strict-accounting --batch 2"
            + " --eval-every 10 --eval-batches 2 --data %s %s".formatted(data, arguments));
  }

  private static CommandLineRun succeed(CommandLineRun command) {
    assertThat(command.exitCode()).as(command.err()).isZero();
    return command;
  }

  private static String refused(CommandLineRun command) {
    assertThat(command.exitCode()).as(command.err()).isEqualTo(2);
    assertThat(command.out()).isEmpty();
    assertThat(command.err().lines()).as(command.err()).hasSize(1);
    return command.err();
  }

  @Test
  void theFilesAreThoseThatOthersLoad() {
    assertThat(exported.toFile().list())
        .containsExactlyInAnyOrder(
            "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
    // characters are no byte pairs; those have two files more
    CommandLineRun bytes =
        train("--run %s --steps 1 --tokenizer byte".formatted(directory.resolve("bytes")));
    succeed(bytes);
    CommandLineRun json =
        succeed(
            run(
                "export %s --to %s --json --dtype bfloat16"
                    .formatted(directory.resolve("bytes"), directory.resolve("half"))));
    assertThat(directory.resolve("half").toFile().list()).contains("vocab.json", "merges.txt");
    assertThat(json.out())
        .contains("\"schema\" : \"ergometer.export/1\"", "\"model_type\" : \"gpt2\"");
  }

  @Test
  void theImportedModelWritesTheSameText() {
    String options = " --prompt one --tokens 40 --seed 3 --top-k 5";

    assertThat(succeed(run("generate " + imported + options)).out())
        .isEqualTo(succeed(run("generate " + run + options)).out());
  }

  @Test
  void anImportedModelIsExportedToTheBit() throws IOException {
    Path again = directory.resolve("again");
    succeed(run("export %s --to %s".formatted(imported, again)));

    for (String file : List.of("model.safetensors", "config.json", "tokenizer.json")) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(exported.resolve(file));
    }
  }

  @Test
  void trainingGoesOnFromIt() throws IOException {
    double before =
        MAPPER.readTree(run.resolve("summary.json").toFile()).path("validation_loss").asDouble();
    Path further = directory.resolve("further");
    // nothing is learned at this rate, so that the loss is that of the parameters it began with
    CommandLineRun command =
        succeed(
            train(
                "--from %s --run %s --steps 1 --learning-rate 1e-12 --weight-decay 0"
                    .formatted(imported, further)));

    JsonNode summary = MAPPER.readTree(command.out());
    assertThat(summary.path("validation_loss").asDouble()).isEqualTo(before);
    assertThat(summary.path("reconciliation").path("residual").asLong()).isZero();
    assertThat(summary.path("model").path("kv_heads").asInt()).isEqualTo(2);
    // it goes on as any other run
    CommandLineRun resumed =
        succeed(run("train --resume-with-changes --json --steps 3 --run " + further));
    assertThat(MAPPER.readTree(resumed.out()).path("steps").asInt()).isEqualTo(3);
    assertThat(Files.readString(further.resolve("config.yaml"))).contains("from: " + imported);
  }

  @Test
  void theContextMayBeAnother() {
    succeed(
        train(
            "--from %s --run %s --steps 1 --context 40 --recompute full"
                .formatted(run, directory.resolve("longer"))));
  }

  @Test
  void ofLearnedPositionsTheFirstAreTaken() {
    Path learned = directory.resolve("learned");
    succeed(train("--run %s --steps 1 --layers 1 --width 8 --context 12".formatted(learned)));
    succeed(
        train(
            "--from %s --run %s --steps 1 --context 5".formatted(learned, directory.resolve("5"))));
    assertThat(
            refused(
                train(
                    "--from %s --run %s --context 13".formatted(learned, directory.resolve("13")))))
        .contains("context must be at most the 12 positions that", "got 13; set --context");
  }

  @Test
  void whatDoesNotFitIsRefusedInALine() throws IOException {
    assertThat(refused(train("--from %s --run %s/x --layers 3".formatted(imported, directory))))
        .contains("the model must be that of", "layers was 2 and is 3; leave that out");
    assertThat(refused(train("--from %s --run %s/x --preset gpt2-124m".formatted(run, directory))))
        .contains("preset and from both say what the model is");
    assertThat(refused(train("--from %s --run %s/x".formatted(exported, directory))))
        .contains("from must be a run with a saved model");
    assertThat(refused(run("train --resume --run " + imported))).contains("nothing to resume");
    assertThat(refused(run("export %s --to %s".formatted(run, exported))))
        .contains("to must be a new directory");
    assertThat(refused(run("export %s".formatted(run)))).contains("set --to");
    assertThat(refused(run("export %s --to %s/y --dtype int8".formatted(run, directory))))
        .contains("dtype must be float32 or bfloat16, got \"int8\"");
    assertThat(refused(run("import %s --run %s".formatted(exported, imported))))
        .contains("run must be a new directory");
    assertThat(refused(run("import %s --run %s/y".formatted(run, directory))))
        .contains("config.json does not exist");
    assertThat(refused(run("import %s --run %s/y --context 17".formatted(exported, directory))))
        .contains("context must be 1 to the model's 16, got 17");
    assertThat(refused(run("import %s --run %s/y --tokenizer gpt2".formatted(exported, directory))))
        .contains("the tokenizer must have at most the model's");
    assertThat(directory.resolve("x")).doesNotExist();
    assertThat(directory.resolve("y")).doesNotExist();
    assertThat(directory.resolve("y.part")).doesNotExist();
  }

  @Test
  void damagedWeightsLeaveNothingBehind() throws IOException {
    Path damaged = Files.createDirectory(directory.resolve("damaged"));
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(exported.resolve(name), damaged.resolve(name));
    }
    byte[] weights = Files.readAllBytes(exported.resolve("model.safetensors"));
    Files.write(damaged.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 5));

    assertThat(refused(run("import %s --run %s/z".formatted(damaged, directory))))
        .contains("the file is cut off; fetch or write the file again");
    assertThat(directory.resolve("z")).doesNotExist();
    assertThat(directory.resolve("z.part")).doesNotExist();
  }
}
