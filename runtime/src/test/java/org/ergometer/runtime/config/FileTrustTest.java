package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileTrustTest {

  private static final Path FILE = Path.of("recipe.yaml");

  private static Map<Setting, List<String>> says(String text) {
    return ConfigFile.parse("recipe.yaml", text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nvml-library: /tmp/evil.so", "metrics-host: 0.0.0.0", "metrics-host: x"})
  void noFileLoadsALibraryOrOpensTheMetrics(String line) {
    for (FileTrust trust : FileTrust.values()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trust.require(FILE, says("steps: 3\n" + line + "\n")))
          .withMessageStartingWith("recipe.yaml says " + line.split(":", 2)[0] + ", which only");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "data-cache,/home/somebody",
    "metrics-textfile,/home/somebody/x.prom",
    "metrics-auth,/etc/shadow",
    "metrics-keystore,/k",
    "metrics-keystore-password,/p"
  })
  void aRunsFileNamesNoPlaceToWriteToAndNoSecret(String key, String value) {
    Map<Setting, List<String>> said = says("%s: %s\n".formatted(key, value));

    assertThat(FileTrust.NAMED.require(FILE, said)).isEqualTo(said);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileTrust.RUN.require(FILE, said))
        .withMessageContaining("give --" + key);
  }

  @Test
  void whatARunWritesItMayReadAgain() {
    TrainConfig config =
        TrainConfig.of(
            Settings.standard()
                .over(
                    Map.of(
                        Setting.METRICS_HOST, List.of("0.0.0.0"),
                        Setting.DATA_CACHE, List.of("/c"),
                        Setting.METRICS_TEXTFILE, List.of("/m.prom"),
                        Setting.DATA, List.of("/a.txt"))));

    Map<Setting, List<String>> read = ConfigFile.parse("config.yaml", ConfigFile.writeRun(config));

    assertThat(FileTrust.RUN.require(FILE, read))
        .containsEntry(Setting.DATA, List.of("/a.txt"))
        .doesNotContainKeys(Setting.METRICS_HOST, Setting.DATA_CACHE, Setting.METRICS_TEXTFILE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "::1"})
  void aFileMayNameThisMachine(String host) {
    Map<Setting, List<String>> said = says("metrics-host: \"%s\"\n".formatted(host));
    assertThat(FileTrust.RUN.require(FILE, said)).isEqualTo(said);
  }
}
