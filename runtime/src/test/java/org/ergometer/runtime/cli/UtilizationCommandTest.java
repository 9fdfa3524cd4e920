package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UtilizationCommandTest {

  /**
   * TFLOP/s of a GPU that NVIDIA's NeMo prints for throughputs of untied models, whose input
   * embedding is no product.
   */
  @ParameterizedTest
  @CsvSource({"llama-2-7b, 16847, 776", "llama-2-70b, 1707, 759", "llama-3-8b, 12036, 697"})
  void countsProducts(String preset, double tokensPerSecond, double printed) throws IOException {
    JsonNode json =
        json("--preset %s --tokens-per-second %s --peak 1e12".formatted(preset, tokensPerSecond));

    assertThat(json.path("mfu").asDouble()).isCloseTo(printed, within(0.5));
    assertThat(json.at("/mfu_by_convention/products")).isEqualTo(json.path("mfu"));
    assertThat(json.at("/mfu_by_convention/palm").asDouble())
        .isGreaterThan(json.path("mfu").asDouble());
  }

  /** DeepSeek-AI 2024: 250 GFLOP for a token at 4096 tokens, of what a causal mask leaves. */
  @Test
  void countsWhatACausalMaskLeaves() throws IOException {
    JsonNode json = json("--preset deepseek-v3 --tokens-per-second 1 --peak 1e9");

    assertThat(json.at("/mfu_by_convention/products_causal").asDouble())
        .isCloseTo(250, within(0.5));
  }

  /** 2 of 6 FLOPs for a parameter are the forward pass. */
  @Test
  void recomputesAllOfWhatParametersDo() throws IOException {
    JsonNode json = json("--parameters 7B --tokens-per-second 3000 --peak 312e12 --recompute full");

    assertThat(json.path("mfu").asDouble()).isCloseTo(126. / 312, within(1e-12));
    assertThat(json.path("hfu").asDouble()).isCloseTo(168. / 312, within(1e-12));
  }

  /** Chowdhery et al. 2022, table 3 and section 4.1: 46.2 %, 45.7 % without attention. */
  @Test
  void palm() throws IOException {
    JsonNode json =
        json("--preset palm-540b --tokens-per-second 238.3k --devices 6144 --device tpu-v4");

    assertThat(json.path("schema").asText()).isEqualTo("ergometer.utilization/1");
    assertThat(json.path("mfu").asDouble()).isCloseTo(0.462, within(0.0005));
    assertThat(json.path("mfu_without_attention").asDouble()).isCloseTo(0.457, within(0.0005));
    assertThat(json.path("hfu").asDouble()).isEqualTo(json.path("mfu").asDouble());
    assertThat(json.path("peak_flops_per_second").asDouble()).isEqualTo(275e12);
    assertThat(json.path("peak_source").asText()).isEqualTo("table");
  }

  /**
   * Chowdhery et al. 2022, appendix B: HFU 57.8 %, where three quarters of the other products'
   * forward pass and all of attention's are done again.
   */
  @Test
  void palmWithRematerialization() throws IOException {
    // 0.75 · 2 · 540.36e9 + 4 · 118 · 48 · 256 · 2048
    double again = 0.75 * 2 * 540.36e9 + 4.0 * 118 * 48 * 256 * 2048;

    assertThat(
            json("--preset palm-540b --tokens-per-second 238.3k --devices 6144 --peak 275e12"
                    + " --recompute-flops-per-token "
                    + again)
                .path("hfu")
                .asDouble())
        .isCloseTo(0.578, within(0.0005));
  }

  /** Korthikanti et al. 2022, table 5: MFU and HFU with selective recomputation. */
  @ParameterizedTest
  @CsvSource({
    "48, 6144, 64, 4, 1.10, 8, 0.415, 0.437",
    "96, 12288, 96, 64, 13.75, 64, 0.514, 0.528",
    "105, 20480, 128, 280, 37.83, 280, 0.560, 0.570",
    "128, 25600, 160, 512, 71.49, 512, 0.563, 0.570",
  })
  void megatron(
      int layers,
      int width,
      int heads,
      int batch,
      double seconds,
      int devices,
      double mfu,
      double hfu)
      throws IOException {
    JsonNode json =
        json(
            ("--layers %s --width %s --heads %s --batch %s --step-seconds %s --devices %s"
                    + " --vocabulary 51200 --context 2048 --device a100 --recompute attention")
                .formatted(layers, width, heads, batch, seconds, devices));

    // times are printed to 10 ms, 1 % of the shortest
    assertThat(json.path("mfu").asDouble()).isCloseTo(mfu, within(0.002));
    assertThat(json.path("hfu").asDouble()).isCloseTo(hfu, within(0.002));
    assertThat(json.path("hfu_executed").asDouble())
        .isBetween(json.path("mfu").asDouble(), json.path("hfu").asDouble());
  }

  /** The same model as in one batch of 12: a step is all that the file says of it. */
  @Test
  void aStepOfAFileHoldsAllOfItsBatches(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("run.yaml");
    Files.writeString(file, "layers: 4\nbatch: 4\naccumulate: 3\ntokenizer: byte\n");

    assertThat(json("--step-seconds 0.03 --peak 1e11 --config " + file).path("mfu"))
        .isEqualTo(json("--step-seconds 0.03 --peak 1e11 --batch 12 --vocabulary 256").path("mfu"));
  }

  /** Without a shape it is 6·N: 3000 · 6 · 7e9 / 312e12. */
  @Test
  void parametersAloneLeaveAttentionOut() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            "utilization --json --parameters 7B --tokens-per-second 3000 --device a100".split(" "));

    assertThat(new JsonMapper().readTree(run.out()).path("mfu").asDouble())
        .isCloseTo(126e12 / 312e12, within(1e-12));
    assertThat(run.err()).contains("attention's FLOPs are unknown without a shape");
  }

  @Test
  void aboveOneThePeakIsWrong() {
    CommandLineRun run =
        CommandLineRun.of(
            "utilization --preset gpt2-124m --tokens-per-second 1M --peak 1e12".split(" "));

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("above 100 %: the peak, the denominator, is too low");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--preset gpt2 --tokens-per-second 1 --peak 1e-308 | peak must be between 1e-60 and 1e60, got"
            + " 1e-308; set --peak",
        "--preset gpt2 --tokens-per-second 1 --peak 1e12 --recompute full"
            + " --recompute-flops-per-token 9 | what is recomputed must be said once, got"
            + " recompute-flops-per-token 9 beside recompute; leave one of the two out",
        "--parameters 7B --tokens-per-second 1 --peak 1e12 --recompute attention | recompute"
            + " attention must come with a model's sizes, got parameters alone; set --recompute full"
            + " or none, or the sizes",
        "--tokens-per-second 1 --peak 1e12 | the model is unknown; set --preset, its sizes such as"
            + " --layers, or --parameters",
        "--preset gpt2 --peak 1e12 | the throughput must be said once; set --tokens-per-second, or"
            + " --step-seconds with --batch",
        "--preset gpt2 --tokens-per-second 5 | the peak is unknown; set --peak, or --device and"
            + " --dtype",
        "--preset gpt2 --step-seconds 5 --peak 1e12 | step-seconds must come with a batch and a"
            + " context, got 5 alone; set --batch and --context",
        "--preset gpt2 --tokens-per-second -5 --peak 1e12 | tokens-per-second must be > 0, got -5;"
            + " set --tokens-per-second",
        "--preset gpt2 --tokens-per-second 5 --peak 1e12 --recompute-flops-per-token -1 |"
            + " recompute-flops-per-token must be >= 0, got -1; set --recompute-flops-per-token",
      })
  void saysValueRuleAndRemedy(String options, String message) {
    CommandLineRun wrong = CommandLineRun.of(("utilization " + options).split(" ", -1));

    assertThat(wrong.err()).isEqualTo("ergometer: " + message + System.lineSeparator());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  private static JsonNode json(String options) throws IOException {
    CommandLineRun run = CommandLineRun.of(("utilization --json " + options).split(" ", -1));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new JsonMapper().readTree(run.out());
  }
}
