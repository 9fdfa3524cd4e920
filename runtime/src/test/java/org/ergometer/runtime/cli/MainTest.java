package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a command is one line on standard error and exit code 2, nothing touched. */
class MainTest {

  private final Path directory;
  private final Path run;

  MainTest(@TempDir Path directory) {
    this.directory = directory;
    this.run = directory.resolve("run");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "train --help",
        "generate --help",
        "report --help",
        "plan --help",
        "footprint --help"
      })
  void helpHasExamples(String command) {
    CommandLineRun help = CommandLineRun.of(command.split(" "));

    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("Usage: ergometer", "Examples:");
    assertThat(help.err()).isEmpty();
  }

  @Test
  void helpOfTrainNamesEverySettingWithItsDefault() {
    assertThat(CommandLineRun.of("train", "--help").out())
        .contains(
            "--layers=N", "transformer blocks (default: 4)", "--untied", "--bias", "--no-metrics");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train --stepz 5              | unknown option --stepz; did you mean --steps?
          train --frobnicate           | unknown option --frobnicate; ergometer train --help shows what there is
          train --tied --untied        | tied must be said one way, got --tied and --untied; leave one of the two out
          predict --no-bias --bias     | bias must be said one way, got --bias and --no-bias; leave one of the two out
          trian                        | unknown command trian; did you mean train?
          train --width 100 --heads 3  | width must be a multiple of heads, got width 100 and heads 3; set --width or --heads, or --head-dim
          train --steps abc            | steps must be a whole number, got "abc"; write it like 2000, 512k or 1.4e12
          train --steps 1 --steps 2    | steps must be one value, got [1, 2]; set --steps
          train --tokenizer gpt3       | tokenizer must be char, byte, gpt2, bpe:FILE or file:FILE, got "gpt3"; set --tokenizer
          train --data none.txt        | data file none.txt does not exist; check the path given to --data
          train --config none.yaml     | config file none.yaml does not exist; check the path given to --config
          train --peak 0               | peak must be > 0 FLOP/s of one device, got 0.0; set --peak, such as 312e12
          train --peak tpu-v4          | peak of tpu-v4 in float32 is unknown; set --peak to a figure, such as 312e12
          report none                  | run directory none does not exist; ergometer train --run none makes it
          generate none                | run directory none does not exist; ergometer train --run none makes it
          """)
  void saysValueRuleAndRemedy(String command, String message) {
    CommandLineRun wrong = CommandLineRun.of(command.split(" "));

    assertThat(wrong.err()).isEqualTo("ergometer: " + message + System.lineSeparator());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  @Test
  void missingCommandIsWrongUsage() {
    CommandLineRun nothing = CommandLineRun.of();

    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("a command is missing");
  }

  @Test
  void stackTraceIsShownWhenAskedFor() {
    assertThat(CommandLineRun.of("train", "--layers", "0").err()).doesNotContain("\tat ");
    assertThat(CommandLineRun.of("train", "--layers", "0", "--stacktrace").err())
        .contains("layers must be >= 1, got 0", "\tat org.ergometer");
  }

  @Test
  void shortTextIsWrong() throws IOException {
    Path data = Files.writeString(directory.resolve("short.txt"), "too short");

    CommandLineRun wrong = train("--data", data.toString());

    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo(
            "ergometer: data must hold at least 650 tokens for context 64 (the last tenth is held"
                + " out), got 9; give more text with --data or a smaller --context"
                + System.lineSeparator());
    assertThat(run).doesNotExist();
  }

  @Test
  void unknownNameInYamlIsWrong() throws IOException {
    Path config = Files.writeString(directory.resolve("c.yaml"), "leyers: 2\n");

    CommandLineRun wrong = train("--config", config.toString());

    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("unknown name \"leyers\"; did you mean layers?");
    assertThat(run).doesNotExist();
  }

  @Test
  void runThatExistsIsNotTouched() throws IOException {
    Files.createDirectory(run);
    Path kept = Files.writeString(run.resolve("summary.json"), "kept");

    CommandLineRun wrong = train("--metrics-port", "0");

    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("is not empty, and a run never overwrites another");
    assertThat(kept).hasContent("kept");
    try (var files = Files.list(run)) {
      assertThat(files).containsExactly(kept);
    }
  }

  @Test
  void portInUseIsWrong() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandLineRun wrong = train("--metrics-port", Integer.toString(taken.getLocalPort()));

      assertThat(wrong.exitCode()).isEqualTo(2);
      assertThat(wrong.err())
          .contains("metrics-port %s of 127.0.0.1 is in use".formatted(taken.getLocalPort()));
      assertThat(run).doesNotExist();
    }
  }

  private CommandLineRun train(String... options) {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "train";
    arguments[1] = "--run";
    arguments[2] = run.toString();
    System.arraycopy(options, 0, arguments, 3, options.length);
    return CommandLineRun.of(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "predict --preset gpt2 --tokens X",
        "predict --preset gpt2 --steps X --batch 3",
        "predict --preset gpt2 --steps 3 --batch X",
        "predict --preset gpt2 --context X --tokens 1e9",
        "predict --layers X --tokens 1e9",
        "predict --width X --tokens 1e9",
        "predict --vocabulary X --tokens 1e9",
        "predict --ffn X --tokens 1e9",
        "predict --rope-base X --tokens 1e9",
        "predict --parameters X --tokens 1e9",
        "plan --flops X",
        "plan --hours X --device a100",
        "plan --usd X --price 1 --device a100",
        "plan --flops 1e20 --law tokens-per-parameter --ratio X",
        "utilization --preset gpt2 --tokens-per-second X --peak 1e12",
        "utilization --preset gpt2 --tokens-per-second 5 --peak X",
        "utilization --preset gpt2 --tokens-per-second 5 --peak 1e12 --devices X",
        "footprint --device-hours X --watts 3",
        "footprint --device-hours 3 --watts X",
        "footprint --energy X",
        "footprint --energy 3 --pue X",
        "footprint --energy 3 --intensity X",
        "generate none --tokens X",
        "generate none --temperature X",
        "generate none --top-k X",
        "generate none --seed X"
      })
  void everyNumberIsTakenOrRefusedInOneLine(String command) {
    for (String hard :
        List.of(
            "2^-10",
            "2^1.5",
            "2^999999999",
            "2^",
            "1e999999999",
            "-1e999999999",
            "1e-999999999",
            "1e2147483647k",
            "9223372036854775807",
            "-9223372036854775808",
            "2147483647",
            "9".repeat(5000),
            "NaN",
            "Infinity",
            "0x10",
            "k",
            "1kk",
            "",
            " ")) {
      CommandLineRun run =
          CommandLineRun.of(
              Arrays.stream(command.split(" ", -1))
                  .map(word -> word.equals("X") ? hard : word)
                  .toArray(String[]::new));

      assertThat(run.exitCode()).as("%s with %.40s: %s", command, hard, run.err()).isIn(0, 2);
      if (run.exitCode() == 2) {
        assertThat(run.err()).hasLineCount(1).startsWith("ergometer: ").doesNotContain("Exception");
      }
    }
  }
}
