package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigFileTest {

  private final Path file;

  ConfigFileTest(@TempDir Path directory) {
    this.file = directory.resolve("small.yaml");
  }

  @Test
  void holdsTheNamesOfTheCommandLine() throws IOException {
    write("layers: 2\nsteps: 1k\nno-bias: true\nuntied: true\ndata: [a.txt, b.txt]\n");

    TrainConfig config = TrainConfig.of(Settings.standard().over(ConfigFile.read(file)));

    assertThat(config.model().sizes().layers()).isEqualTo(2);
    assertThat(config.loop().steps()).isEqualTo(1000);
    assertThat(config.model().sizes().bias()).isFalse();
    assertThat(config.model().sizes().tied()).isFalse();
    assertThat(config.data().files()).containsExactly(Path.of("a.txt"), Path.of("b.txt"));
  }

  @Test
  void flagsWin() throws IOException {
    write("layers: 2\nheads: 2\n");

    Settings settings =
        Settings.standard().over(ConfigFile.read(file)).over(Map.of(Setting.LAYERS, List.of("3")));

    assertThat(TrainConfig.of(settings).model().sizes().layers()).isEqualTo(3);
    assertThat(TrainConfig.of(settings).model().sizes().heads()).isEqualTo(2);
  }

  @Test
  void namesTheNearestOfAnUnknownName() throws IOException {
    write("layer: 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessage(file + ", line 1: unknown name \"layer\"; did you mean layers?");

    write("zzzzzzzzzz: 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageEndingWith("ergometer train --help lists all names");
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageStartingWith("config file " + file + " does not exist");

    write("layers: [1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageStartingWith(file + " is not YAML");

    write("- 1\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageContaining("must be a mapping of names to values");

    write("# one\nmodel:\n  layers: 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageContaining("line 3: model must be a value or a list of values");

    write("layers: {a: 1}\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageContaining("layers must be a value or a list of values");
  }

  @Test
  void emptyFileSetsNothing() throws IOException {
    write("# nothing yet\n");

    assertThat(ConfigFile.read(file)).isEmpty();
  }

  @Test
  void givesBackWhatItWrote() throws IOException {
    TrainConfig config =
        TrainConfig.of(
            Settings.standard()
                .over(
                    Map.of(
                        Setting.LEARNING_RATE, List.of("3e-4"),
                        Setting.TIED, List.of("false"),
                        Setting.METRICS_PORT, List.of("0"),
                        Setting.DATA, List.of("a b.txt", "c: d.txt"))));

    write(ConfigFile.write(config));

    assertThat(TrainConfig.of(Settings.standard().over(ConfigFile.read(file))))
        .isEqualTo(absolute(config));
  }

  /** Texts that some version of YAML takes for a switch, a number, a date, nothing, or syntax. */
  private static final List<String> NASTY =
      List.of(
          "NO",
          "no",
          "y",
          "on",
          "Off",
          "true",
          "False",
          "~",
          "null",
          "Null",
          "",
          " ",
          "=",
          "<<",
          "1",
          "-1",
          "+1",
          "1_000",
          "0o17",
          "017",
          "0x10",
          "0b1",
          "1e3",
          "1E400",
          ".5",
          "1.",
          ".inf",
          ".NaN",
          "1:30",
          "12:30:00",
          "190:20:30",
          "2024-01-01",
          "2001-12-14t21:59:43.10-05:00",
          " x",
          "x ",
          "a: b",
          "a #b",
          "#",
          "- a",
          "-",
          "--",
          "---",
          "...",
          "? a",
          ":",
          "a:",
          "&a",
          "*a",
          "!a",
          "!!str 1",
          "|",
          ">",
          "%YAML 1.1",
          "@a",
          "`a",
          "[a]",
          "[a",
          "{a: b}",
          "}",
          ",",
          "'",
          "''",
          "\"",
          "it's",
          "\\",
          "\\n",
          "C:\\new",
          "a\tb",
          "\ta",
          "a\nb",
          "a\n",
          "\na",
          "a\r\nb",
          "a\n  b\n",
          "\u0007",
          "\u0085",
          "\u00a0",
          "\u2028",
          "\ufeffa",
          "ü",
          "日本",
          "\ud83d\ude00",
          "a".repeat(300),
          "word ".repeat(60) + "end");

  @ParameterizedTest
  @EnumSource(
      names = {
        "DATA",
        "DATA_FIELD",
        "DATA_CACHE",
        "FROM",
        "TOKENIZER",
        "METRICS_HOST",
        "METRICS_TEXTFILE",
        "METRICS_AUTH",
        "METRICS_KEYSTORE",
        "METRICS_KEYSTORE_PASSWORD"
      })
  void givesBackEveryText(Setting setting) {
    int accepted = 0;
    for (String nasty : NASTY) {
      String text =
          switch (setting) {
            case TOKENIZER -> "bpe:" + nasty;
            case METRICS_TEXTFILE -> nasty + ".prom";
            default -> nasty;
          };
      Map<Setting, List<String>> given = new EnumMap<>(Map.of(setting, List.of(text)));
      if (setting == Setting.METRICS_KEYSTORE) {
        given.put(Setting.METRICS_KEYSTORE_PASSWORD, List.of("p"));
      } else if (setting == Setting.METRICS_KEYSTORE_PASSWORD) {
        given.put(Setting.METRICS_KEYSTORE, List.of("k"));
      }
      TrainConfig config;
      try {
        config = TrainConfig.of(Settings.standard().over(given));
      } catch (IllegalArgumentException e) {
        continue;
      }
      accepted++;
      Map<Setting, List<String>> back = ConfigFile.parse("x", ConfigFile.write(config));
      assertThat(back.get(setting)).containsExactly(whereverItIs(setting, text));
      assertThat(TrainConfig.of(Settings.standard().over(back))).isEqualTo(absolute(config));
    }
    assertThat(accepted).isGreaterThan(NASTY.size() * 3 / 4);
  }

  private static String whereverItIs(Setting setting, String text) {
    if (setting == Setting.TOKENIZER) {
      return "bpe:" + Path.of(text.substring("bpe:".length())).toAbsolutePath();
    }
    return setting.kind() == Setting.Kind.TEXT ? text : Path.of(text).toAbsolutePath().toString();
  }

  /** The same configuration, said with absolute paths. */
  private static TrainConfig absolute(TrainConfig config) {
    return TrainConfig.of(
        Settings.standard().over(ConfigFile.parse("x", ConfigFile.write(config))));
  }

  @Test
  void takesAPlainValueAsTheTextThatStandsThere() {
    for (String plain :
        List.of(
            "NO", "yes", "1e3", "0x10", "0o17", "1_000", "2024-01-01", "12:30:00", ".inf", "=")) {
      assertThat(ConfigFile.parse("x", "region: " + plain + "\n"))
          .isEqualTo(Map.of(Setting.REGION, List.of(plain)));
    }
    assertThat(ConfigFile.parse("x", "region: \"~\"\n"))
        .containsEntry(Setting.REGION, List.of("~"));
    assertThat(ConfigFile.parse("x", "\ufefflayers: 3\n"))
        .containsEntry(Setting.LAYERS, List.of("3"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          steps: 3;steps: 500                  | x, line 2: steps is said in line 1 already; leave one of the two out
          bias: true;steps: 3;no-bias: true    | x, line 3: bias and no-bias are the same setting; leave one of the two out
          steps: 3;---;steps: 500              | x, line 3: a second document begins here; write all names into one
          steps: 3;...;---                     | x, line 4: a second document begins here; write all names into one
          steps: &a 3;batch: *a                | x, line 2: anchors, aliases and tags are not read; write the value itself, or quote it
          a: 1;steps: *a                       | x, line 2: anchors, aliases and tags are not read; write the value itself, or quote it
          steps: !!int 3                       | x, line 1: anchors, aliases and tags are not read; write the value itself, or quote it
          region: !<x> NO                      | x, line 1: anchors, aliases and tags are not read; write the value itself, or quote it
          <<: {steps: 3}                       | x, line 1: << must be a value or a list of values; write it like "layers: 4"
          steps: [3]                           | x, line 1: steps must be one value, got a list; write it like "steps: …"
          data: [a, [b]]                       | x, line 1: data must be a value or a list of values; write it like "layers: 4"
          data: {a: b}                         | x, line 1: data must be a value or a list of values; write it like "layers: 4"
          steps: 3;region:                     | x, line 2: region has no value; write one, or leave the line out
          region: ~                            | x, line 1: region must have a value, got ~; leave the line out, or quote it if that is a text
          region: null                         | x, line 1: region must have a value, got null; leave the line out, or quote it if that is a text
          steps: 3; batch: 4                   | x is not YAML at line 2; write lines like "layers: 4"
          ;\tsteps: 3                          | x is not YAML at line 2; write lines like "layers: 4", without tabs
          ? [steps];: 3                        | x is not YAML at line 1; write lines like "layers: 4"
          """)
  void refusesWhatWouldBeReadByHalf(String lines, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ConfigFile.parse("x", lines.replace(";", "\n").replace("\\t", "\t") + "\n"))
        .withMessage(message);
  }

  @Test
  void numbersAndSwitchesFollowTheRuleOfTheCommandLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config("layers: 0x10\n"))
        .withMessage(
            "layers must be a whole number, got \"0x10\"; write it like 2000, 512k or 1.4e12");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config("bias: yes\n"))
        .withMessage("bias must be true or false, got \"yes\"; set --bias or --no-bias");
    assertThat(config("steps: 1_000\n").loop().steps()).isEqualTo(1000);
    assertThat(config("learning-rate: 1e-3\n").optimizer().learningRate()).isEqualTo(1e-3);
  }

  private static TrainConfig config(String text) {
    return TrainConfig.of(Settings.standard().over(ConfigFile.parse("x", text)));
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }
}
