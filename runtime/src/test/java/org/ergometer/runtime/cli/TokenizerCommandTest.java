package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandTest {

  private static final String TEXT = "It was the best of times, it was the worst of times. ";

  private final Path directory;
  private final Path data;
  private final Path out;

  TokenizerCommandTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.data = Files.writeString(directory.resolve("book.txt"), TEXT.repeat(60));
    this.out = directory.resolve("book-bpe");
  }

  @Test
  void makesAVocabularyThatTrainAndGenerateUse() throws IOException {
    CommandLineRun made =
        run("tokenizer train --json --vocabulary 270", "--data", data, "--out", out);
    assertThat(made.exitCode()).as(made.err()).isZero();
    assertThat(new JsonMapper().readTree(made.out()).path("vocabulary").asInt()).isEqualTo(270);
    assertThat(Files.readAllLines(out.resolve("merges.txt"))).hasSize(1 + 270 - 256);

    Path trained = directory.resolve("run");
    CommandLineRun training =
        run(
            "train --no-metrics --peak 1e12 --layers 1 --width 8 --heads 2 --context 4 --steps 2",
            "--data",
            data,
            "--tokenizer",
            "bpe:" + out,
            "--run",
            trained);
    assertThat(training.exitCode()).as(training.err()).isZero();
    assertThat(Files.readString(trained.resolve("config.yaml"))).contains("bpe:" + out);

    CommandLineRun text = run("generate --tokens 5 --prompt times", trained);
    assertThat(text.exitCode()).as(text.err()).isZero();
    assertThat(text.out()).isNotBlank();
  }

  @Test
  void aDirectoryThatExistsIsLeftAlone() throws IOException {
    CommandLineRun run = run("tokenizer train", "--data", data, "--out", directory);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("out must be a new directory, got " + directory);
  }

  @Test
  void damagedFilesAreToldInOneLine() throws IOException {
    run("tokenizer train --vocabulary 270", "--data", data, "--out", out);
    Path vocabulary = out.resolve("vocab.json");
    Files.writeString(vocabulary, Files.readString(vocabulary).substring(0, 100));

    CommandLineRun run =
        run(
            "train",
            "--data",
            data,
            "--tokenizer",
            "bpe:" + out,
            "--run",
            directory.resolve("run"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("vocab.json in " + out + " is damaged").hasLineCount(1);
  }

  @Test
  void filesThatAreMissingAreNamed() {
    CommandLineRun run =
        run("train --tokenizer bpe:nowhere", "--data", data, "--run", directory.resolve("run"));

    assertThat(run.err())
        .isEqualTo(
            "ergometer: tokenizer file nowhere does not exist; bpe: takes a directory with"
                + " vocab.json and merges.txt"
                + System.lineSeparator());
  }

  /** Words apart by spaces, the last ones as they are. */
  private static CommandLineRun run(String words, Object... more) {
    List<String> arguments = new ArrayList<>(List.of(words.split(" ", -1)));
    for (Object each : more) {
      arguments.add(each.toString());
    }
    return CommandLineRun.of(arguments.toArray(String[]::new));
  }
}
