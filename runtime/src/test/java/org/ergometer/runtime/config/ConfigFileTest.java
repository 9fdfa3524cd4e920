package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        .withMessage(file + ": unknown name \"layer\"; did you mean layers?");

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

    write("model:\n  layers: 2\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfigFile.read(file))
        .withMessageContaining("unknown name \"model\"");

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

    assertThat(TrainConfig.of(Settings.standard().over(ConfigFile.read(file)))).isEqualTo(config);
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }
}
