package org.ergometer.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.ergometer.accounting.predict.TransformerShape;
import org.ergometer.models.data.WindowOrder;
import org.ergometer.models.tokenizer.SpecialTokens;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainConfigTest {

  @Test
  void defaultsAreThoseOfTheReadme() {
    TrainConfig config = TrainConfig.of(Settings.standard());

    assertThat(config.model().sizes())
        .isEqualTo(new TransformerShape(4, 128, 4, 512, 1, 64, true, false));
    assertThat(config.optimizer())
        .isEqualTo(
            new OptimizerConfig(
                OptimizerKind.ADAMW,
                1e-3,
                1e-4,
                ScheduleKind.COSINE,
                100,
                400,
                0.1,
                0.9,
                0.99,
                0.9,
                1.0,
                0,
                0));
    assertThat(config.loop())
        .isEqualTo(new LoopConfig(2000, 12, 1, 1337, 250, 32, null, Divergence.STOP, null));
    assertThat(config.data())
        .isEqualTo(
            new DataConfig(
                List.of(),
                null,
                TokenizerChoice.CHAR,
                SpecialTokens.TOKEN,
                SplitKind.TAIL,
                WindowOrder.RANDOM,
                null));
    assertThat(config.metrics())
        .isEqualTo(new MetricsConfig(true, "127.0.0.1", null, 0, null, null, null, null));
    assertThat(config.accounting()).isEqualTo(new AccountingConfig(true, false, null));
    assertThat(config.run()).isNull();
    assertThat(config.model().shape(77))
        .isEqualTo(new TransformerShape(4, 128, 4, 512, 77, 64, true, false));
  }

  @Test
  void derivesWhatIsNotSet() {
    TrainConfig config = with(Map.of(Setting.WIDTH, "64", Setting.STEPS, "50"));

    assertThat(config.model().sizes().feedForward()).isEqualTo(4 * 64);
    assertThat(config.optimizer().warmup()).isEqualTo(50 / 10);
    assertThat(with(Map.of(Setting.LEARNING_RATE, "0.5")).optimizer().minLearningRate())
        .isEqualTo(0.5 / 10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          WIDTH | 102 | width must be a multiple of heads, got width 102 and heads 4; set --width or --heads, or --head-dim
          LAYERS | 0 | layers must be >= 1, got 0; set --layers
          STEPS | -1 | steps must be >= 1, got -1; set --steps
          STEPS | 3e9 | steps must be <= 2147483647, got 3000000000; set --steps
          BATCH | 0 | batch must be >= 1, got 0; set --batch
          EVAL_EVERY | 0 | eval-every must be >= 1, got 0; set --eval-every
          EVAL_BATCHES | 0 | eval-batches must be >= 1, got 0; set --eval-batches
          LEARNING_RATE | 0 | learning-rate must be > 0, got 0.0; set --learning-rate
          MIN_LEARNING_RATE | 1 | min-learning-rate must be between 0 and learning-rate 0.001, got 1.0; set --min-learning-rate
          WARMUP | -1 | warmup must be >= 0, got -1; set --warmup
          WARMUP | 2001 | warmup must be <= steps, got warmup 2001 and steps 2000; set --warmup or --steps
          WEIGHT_DECAY | -1 | weight-decay must be >= 0, got -1.0; set --weight-decay
          BETA1 | 1 | beta1 must be >= 0 and < 1, got 1.0; set --beta1
          BETA2 | -0.1 | beta2 must be >= 0 and < 1, got -0.1; set --beta2
          CLIP | -1 | clip must be >= 0, got -1.0; set --clip
          TOKENIZER | gpt3 | tokenizer must be char, byte, gpt2, bpe:FILE or file:FILE, got "gpt3"; set --tokenizer
          METRICS_PORT | 65536 | metrics-port must be between 0 and 65535, got 65536; set --metrics-port
          BIAS | maybe | bias must be true or false, got "maybe"; set --bias or --no-bias
          TIED | 1 | tied must be true or false, got "1"; set --tied or --untied
          """)
  void saysValueRuleAndRemedy(Setting setting, String value, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(Map.of(setting, value)))
        .withMessage(message);
  }

  @Test
  void strictAccountingNeedsAccounting() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> with(Map.of(Setting.ACCOUNTING, "false", Setting.STRICT_ACCOUNTING, "true")))
        .withMessageStartingWith("strict-accounting needs accounting");
  }

  @Test
  void resolvedValuesLeaveNothingToDerive() {
    assertThat(with(Map.of(Setting.WIDTH, "64")).resolved())
        .containsEntry("ffn", 256)
        .containsEntry("min-learning-rate", 1e-4)
        .containsEntry("warmup", 100)
        .doesNotContainKeys("run", "metrics-port");
  }

  private static TrainConfig with(Map<Setting, String> values) {
    Settings settings = Settings.standard();
    for (Map.Entry<Setting, String> value : values.entrySet()) {
      settings = settings.over(Map.of(value.getKey(), List.of(value.getValue())));
    }
    return TrainConfig.of(settings);
  }

  /** Numbers that can be written and not computed with. */
  private static final List<String> HARD =
      List.of(
          "2^-10",
          "2^1.5",
          "2^999999999",
          "2^",
          "2^^2",
          "2^1023",
          "1e999999999",
          "-1e999999999",
          "1e-999999999",
          "1e2147483647k",
          "1e99999999999",
          "9223372036854775807",
          "-9223372036854775808",
          "9".repeat(5000),
          "0." + "3".repeat(300),
          "NaN",
          "Infinity",
          "0x10",
          "1e",
          "k",
          "1kk",
          "∞",
          "",
          " ",
          "--",
          "1,5",
          "½");

  @Test
  void everyNumberIsTakenOrRefusedInOneLine() {
    for (Setting setting : Setting.values()) {
      if (setting.kind() != Setting.Kind.WHOLE && setting.kind() != Setting.Kind.REAL) {
        continue;
      }
      for (String hard : HARD) {
        try {
          TrainConfig config = with(Map.of(setting, hard));
          assertThat(ConfigFile.parse("x", ConfigFile.write(config))).isNotEmpty();
        } catch (IllegalArgumentException e) {
          assertThat(e.getMessage()).hasLineCount(1).hasSizeLessThan(300);
        }
      }
    }
  }
}
