package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.ergometer.accounting.predict.Preset;
import org.ergometer.accounting.predict.TransformerShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration is the same after it was written and read, whatever it is. */
class ConfigRoundTripTest {

  private static final int DRAWN = 500;

  private final Path directory;
  private final Random random = new Random(1337);

  ConfigRoundTripTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static List<String> presets() {
    return Preset.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPreset(String name) {
    TrainConfig config = config(Map.of(Setting.PRESET, List.of(name)));
    TransformerShape shape = Preset.named(name).orElseThrow().shape();

    TrainConfig back = config(ConfigFile.parse("x", ConfigFile.write(config)));

    assertThat(config.model().sizes()).isEqualTo(shape);
    assertThat(back).isEqualTo(config);
    assertThat(back.model().sizes().parameters()).isEqualTo(shape.parameters());
    assertThat(ModelConfig.of(settings(ConfigFile.parse("x", ConfigFile.write(shape)))).sizes())
        .isEqualTo(shape);
  }

  @Test
  void drawnConfigurations() throws IOException {
    Files.createFile(directory.resolve("file"));
    Set<Setting> seen = EnumSet.noneOf(Setting.class);
    for (int accepted = 0; accepted < DRAWN; ) {
      Map<Setting, List<String>> drawn = draw();
      TrainConfig config;
      try {
        config = config(drawn);
      } catch (IllegalArgumentException e) {
        continue;
      }
      accepted++;
      seen.addAll(drawn.keySet());
      assertThat(config(ConfigFile.parse("x", ConfigFile.write(config)))).isEqualTo(config);
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(written());
  }

  /** The run's directory is another of each run. */
  private static Set<Setting> written() {
    return EnumSet.complementOf(EnumSet.of(Setting.RUN));
  }

  private Map<Setting, List<String>> draw() {
    Map<Setting, List<String>> drawn = new EnumMap<>(Setting.class);
    for (Setting setting : written()) {
      if (random.nextInt(12) == 0) {
        drawn.put(setting, List.of(value(setting)));
      }
    }
    if (drawn.containsKey(Setting.METRICS_KEYSTORE)) {
      drawn.put(Setting.METRICS_KEYSTORE_PASSWORD, List.of("/p"));
    }
    return drawn;
  }

  private String value(Setting setting) {
    return switch (setting) {
      case PRESET ->
          oneOf("opt-125m", "gpt1-117m", "bloom-560m", "deepseek-v3", "t5-small", "gpt2");
      case ACTIVATION -> oneOf("gelu", "gelu_erf", "relu", "silu", "swiglu");
      case NORM -> oneOf("layernorm", "rmsnorm", "none");
      case POSITIONS -> oneOf("learned", "rope", "relative", "none");
      case RECOMPUTE -> oneOf("none", "full", "attention");
      case OPTIMIZER -> oneOf("adamw", "sgd", "lion", "adafactor");
      case SCHEDULE -> oneOf("cosine", "linear", "wsd", "constant");
      case PRECISION -> oneOf("float32", "mixed-bfloat16", "mixed-float16");
      case DIVERGENCE -> oneOf("stop", "skip");
      case TOKENIZER -> oneOf("char", "byte", "gpt2", "bpe:/a: b", "file:/#");
      case SPECIAL_TOKENS -> oneOf("text", "token", "refuse");
      case SPLIT -> oneOf("tail", "document");
      case ORDER -> oneOf("random", "shuffled");
      case BACKEND -> oneOf("auto", "cpu");
      case ACCELERATION -> oneOf("auto", "off");
      case REGION -> oneOf("NO", "FR", "WORLD");
      case PEAK -> oneOf("a100", "312e12", "1E15");
      case LOSS_SCALE -> oneOf("2^10", "65536", "1");
      case DATA_FIELD, METRICS_HOST -> oneOf("on", "1e3", "ü", "a b", "=");
      case METRICS_TEXTFILE -> "/m.prom";
      case POWERCAP_ROOT -> directory.toString();
      case NVML_LIBRARY, ENERGY_REPLAY -> directory.resolve("file").toString();
      default ->
          switch (setting.kind()) {
            case WHOLE -> oneOf("0", "1", "2", "4", "8", "12", "64", "512k", "1337");
            case REAL -> oneOf("0", "1e-3", "0.5", "0.97", "1", "1.5", "3e4");
            case SWITCH -> oneOf("true", "false");
            case TEXT, FILE, FILES, DIRECTORY -> oneOf("/a/b.txt", "/c/**.txt", "/ d");
          };
    };
  }

  private String oneOf(String... values) {
    return Arrays.asList(values).get(random.nextInt(values.length));
  }

  private static Settings settings(Map<Setting, List<String>> values) {
    return Settings.standard().over(values);
  }

  private static TrainConfig config(Map<Setting, List<String>> values) {
    return TrainConfig.of(settings(values));
  }
}
