package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredictCommandTest {

  private static final String SMALL =
      "--layers 2 --width 8 --heads 2 --vocabulary 11 --context 4 --steps 3 --batch 5";

  /**
   * 3 steps of 5 sequences of 4 tokens are 60 tokens. Forward of one token: QKV 2·8·24 = 384,
   * scores and values 2·4·8 = 64 each, projection 2·8·8 = 128, up and down 2·8·32 = 512 each: 1664
   * a block, two of them 3328, logits 2·8·11 = 176; 3504, and three times that with the backward
   * pass: 10 512. Parameters: 2·(64·12 + 16) + 8 + 11·8 + 4·8 = 1696 without biases.
   */
  @Test
  void addsUpEveryProductOfEveryPhase() throws IOException {
    JsonNode json = json(SMALL);

    assertThat(json.path("schema").asText()).isEqualTo("ergometer.predict/1");
    assertThat(json.path("tokens").asLong()).isEqualTo(60);
    assertThat(json.path("steps").asLong()).isEqualTo(3);
    assertThat(json.path("model").path("parameters").asLong()).isEqualTo(1696);
    assertThat(json.path("model").path("non_embedding_parameters").asLong()).isEqualTo(1576);
    JsonNode flops = json.path("flops");
    assertThat(flops.path("total").asLong()).isEqualTo(60 * 10_512);
    assertThat(flops.path("per_token").asDouble()).isEqualTo(10_512);
    assertThat(flops.path("petaflop_s_days").asDouble())
        .isCloseTo(60 * 10_512 / 8.64e19, within(1e-20));
    assertThat(component(flops, "attention_scores", "forward")).isEqualTo(60 * 2 * 64);
    assertThat(component(flops, "logits", "backward")).isEqualTo(60 * 2 * 176);
    assertThat(sum(flops)).isEqualTo(BigInteger.valueOf(60 * 10_512));
    assertThat(json.path("conventions").path("six_n").asLong()).isEqualTo(60 * 6 * 1696);
  }

  /**
   * Beside the total, for 3 steps of 20 rows: of a block two norms of 6·8 + 5, softmax of 5·2·16
   * scores at 7, GELU of 32 at 8, two sums of 8; one more norm and positions of 8. The loss comes
   * with its gradient.
   */
  @Test
  void whatIsNoProductStandsBesideTheTotal() throws IOException {
    JsonNode flops = json(SMALL).path("flops");
    long block = 20 * (2 * (6 * 8 + 5) + 8 * 32 + 2 * 8) + 5 * 2 * 16 * 7;
    long forward = 3 * (2 * block + 20 * (6 * 8 + 5 + 8));
    long counted = 0;
    long all = 0;
    for (JsonNode row : flops.path("elementwise_components")) {
      all += row.path("flops").asLong();
      counted += row.path("phase").asText().equals("forward") ? row.path("flops").asLong() : 0;
    }

    assertThat(counted).isEqualTo(forward);
    assertThat(flops.path("elementwise").asLong()).isEqualTo(all).isGreaterThan(2 * forward);
    // 1696 parameters, of which 1696 - 5·8 = 1656 decay
    assertThat(flops.path("update").asLong()).isEqualTo(3 * (14 * 1696 + 1 + 2 * 1656));
    assertThat(run("--preset gpt2 --tokens 1M --json").out()).doesNotContain("\"update\"");
  }

  /** Narayanan et al. 2021, section 5.1: 34 and 84 days at 8·N·D. */
  @ParameterizedTest
  @CsvSource({"175B, 300B, 1024, 140e12, 34", "1008B, 450B, 3072, 163e12, 84"})
  void recomputationTakesEightFlopsAParameter(
      String parameters, String tokens, int devices, String peak, int days) throws IOException {
    JsonNode json =
        json(
            "--parameters %s --tokens %s --recompute full --devices %s --peak %s --utilization 1"
                .formatted(parameters, tokens, devices, peak));

    assertThat(json.path("time_basis").asText()).isEqualTo("eight_n");
    assertThat(json.path("time").path("seconds").asDouble() / 86_400).isCloseTo(days, within(0.5));
  }

  /** All blocks' forward products again: 60 · 3328. */
  @Test
  void recomputationIsAPhaseOfItsOwn() throws IOException {
    JsonNode json = json(SMALL + " --recompute full");

    assertThat(json.path("flops").path("total").asLong()).isEqualTo(60 * (10_512 + 3328));
    // 96·L·d² + 16·L·T·d + 6·d·V = 12 288 + 1024 + 528
    assertThat(json.path("conventions").path("megatron").asLong()).isEqualTo(60 * 13_840);
  }

  /** Adam's state is twice the parameters, of which each takes 4 bytes. */
  @Test
  void memoryIsInBytesByPurpose() throws IOException {
    JsonNode memory = json(SMALL).path("memory");

    assertThat(memory.path("parameters_bytes").asLong()).isEqualTo(4 * 1696);
    assertThat(memory.path("gradients_bytes").asLong()).isEqualTo(4 * 1696);
    assertThat(memory.path("optimizer_bytes").asLong()).isEqualTo(8 * 1696);
    // 20 rows: of a block two norms 8 + 2 wide, 24 + 8 of attention with 160 weights, 2·32 hidden
    // units and two sums of 8; the embedding, the last norm, and 11 logits
    assertThat(memory.path("activations_basis").asText()).isEqualTo("exact");
    assertThat(memory.path("activations_bytes").asLong())
        .isEqualTo(4 * (2 * (20 * (2 * 10 + 32 + 64 + 16) + 160) + 20 * (8 + 10 + 11)));
    assertThat(memory.path("total_bytes").asLong())
        .isEqualTo(16 * 1696 + memory.path("activations_bytes").asLong());
  }

  /**
   * In 16 bit with copies in 32: 2 + 2 + 12 bytes a parameter. The published forms for 2 layers, 20
   * rows and width 8: 34·8 + 5·2·4 bytes a row and layer, 34·8 without the scores, 2·8 of inputs.
   */
  @Test
  void memoryIsInOtherFormatsToo() throws IOException {
    JsonNode json = json(SMALL);
    JsonNode mixed = json.path("memory_by_dtype").path("mixed_16bit");
    JsonNode plain = json.path("memory_by_dtype").path("plain_16bit");
    JsonNode published = json.path("memory_conventions");

    assertThat(json.path("memory_by_dtype").path("float32").path("total_bytes"))
        .isEqualTo(json.path("memory").path("total_bytes"));
    assertThat(mixed.path("parameters_bytes").asLong()).isEqualTo(2 * 1696);
    assertThat(mixed.path("optimizer_bytes").asLong()).isEqualTo(12 * 1696);
    assertThat(plain.path("optimizer_bytes").asLong()).isEqualTo(4 * 1696);
    JsonNode activations = mixed.path("activations_bytes_by_recompute");
    assertThat(activations.path("none")).isEqualTo(mixed.path("activations_bytes"));
    // two blocks' weights, 20·2·4 elements each
    assertThat(activations.path("none").asLong() - activations.path("attention").asLong())
        .isEqualTo(2 * 2 * 160);
    assertThat(published.path("korthikanti_activations").asLong()).isEqualTo(2 * 20 * 312);
    assertThat(published.path("korthikanti_activations_recompute_attention").asLong())
        .isEqualTo(2 * 20 * 272);
    assertThat(published.path("korthikanti_activations_recompute_full").asLong())
        .isEqualTo(2 * 20 * 16);
    assertThat(published.path("zero_model_states").asLong()).isEqualTo(16 * 1696);
  }

  /** What is more than a double holds has all digits in a string, and a twin. */
  @Test
  void largeCountsAreStringsWithATwin() throws IOException {
    JsonNode json = json("--preset gpt3-175b");

    assertThat(json.path("tokens").isIntegralNumber()).isTrue();
    assertThat(json.path("flops").path("total").isTextual()).isTrue();
    assertThat(new BigInteger(json.path("flops").path("total").asText()))
        .isEqualTo(sum(json.path("flops")));
    assertThat(json.path("flops").path("total_double").asDouble())
        .isCloseTo(3.229e23, within(1e20));
    assertThat(json.path("conventions").path("six_n").asText())
        .isEqualTo(
            BigInteger.valueOf(174_604_259_328L)
                .multiply(BigInteger.valueOf(1_800_000_000_000L))
                .toString());
    assertThat(json.path("conventions_double").path("six_n").asDouble())
        .isCloseTo(3.14e23, within(5e20));
    assertThat(json.has("steps")).isFalse();
  }

  /** 6·70e9·1.4e12, and 1e24 / 5 peaks of 3e14 take 5.88e23 / (2·3e14·0.5) seconds. */
  @Test
  void parametersAloneGiveWhatFollowsFromThem() throws IOException {
    JsonNode json =
        json(
            "--parameters 70B --tokens 1.4T --peak 3e14 --devices 2 --utilization 0.5 --watts 100"
                + " --pue 1.5 --intensity 0.2 --price 3.6");

    assertThat(json.path("conventions").fieldNames())
        .toIterable()
        .containsExactly("six_n", "eight_n");
    assertThat(json.path("conventions").path("six_n").asText())
        .isEqualTo("588000000000000000000000");
    assertThat(json.has("flops")).isFalse();
    double seconds = 5.88e23 / 3e14;
    assertThat(json.path("time").path("seconds").asDouble()).isCloseTo(seconds, within(1.0));
    assertThat(json.path("energy").path("joules").asDouble())
        .isCloseTo(seconds * 200 * 1.5, within(1e3));
    assertThat(json.path("emissions").path("co2e_grams").asDouble())
        .isCloseTo(seconds * 300 / 3.6e6 * 200, within(1.0));
    assertThat(json.path("cost").path("usd").asDouble())
        .isCloseTo(2 * seconds / 1000, within(1e-3));
  }

  @Test
  void whatIsNotSaidIsAbsent() throws IOException {
    assertThat(json(SMALL).fieldNames())
        .toIterable()
        .doesNotContain("time", "energy", "emissions", "cost");
    assertThat(json(SMALL + " --peak 1e12").fieldNames())
        .toIterable()
        .contains("time")
        .doesNotContain("energy", "emissions", "cost");
  }

  /** Without options it is the run of train without options: its corpus has 77 characters. */
  @Test
  void isTheDefaultRunWithoutOptions() throws IOException {
    JsonNode json = json("");

    assertThat(json.path("model").path("vocabulary").asInt()).isEqualTo(77);
    assertThat(json.path("model").path("parameters").asInt()).isEqualTo(805_632);
    assertThat(json.path("tokens").asLong()).isEqualTo(2000 * 12 * 64);
  }

  @Test
  void latentAttentionAndSharedExpertsAreSaid() throws IOException {
    CommandLineRun run = run("--preset deepseek-v2");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("Parameters: 235,741,434,880 (235.7B)")
        .contains(
            "Active parameters: 21,375,800,320, 6 of 160 experts and 2 shared; the first 1 without,")
        .contains(
            "Latent attention: keys and values from 512 channels, queries from 1536; 64 more");
    JsonNode model = json("--preset deepseek-v2 --kv-latent 256").path("model");
    assertThat(model.path("kv_latent").asInt()).isEqualTo(256);
    assertThat(model.path("query_latent").asInt()).isEqualTo(1536);
    assertThat(model.path("shared_experts").asInt()).isEqualTo(2);
    assertThat(json("--preset deepseek-v2 --kv-latent 0").path("model").has("kv_latent")).isFalse();
  }

  @Test
  void aMisprintIsTold() {
    CommandLineRun run = run("--preset gpt3-13b");

    assertThat(run.err()).startsWith("ergometer: warning: gpt3-13b: the paper prints width 5140");
    assertThat(run.out()).contains("width 5120", "six_n", "Brown et al. 2020");
  }

  /**
   * Every figure that names a convention agrees with it to 3 %, but for the one that none gives.
   */
  @Test
  void publishedFiguresStandBesideOurs() throws IOException {
    JsonNode json = json("--published");

    assertThat(json.path("compute")).hasSizeGreaterThan(20);
    for (JsonNode row : json.path("compute")) {
      if (!Set.of("Gopher 280B", "Llama 3 405B devices").contains(row.path("model").asText())) {
        assertThat(row.path("error").asDouble())
            .as(row.path("model").asText())
            .isBetween(-0.03, 0.03);
      }
    }
    assertThat(json.path("presets")).hasSizeGreaterThan(80);
    assertThat(run("--published").out()).contains("gpt2-124m", "Llama 3 405B", "three_n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tokens 0 | tokens must be >= 1, got 0; set --tokens",
        "--layers -1 | layers must be >= 1, got -1; set --layers",
        "--preset gpt3-175 | preset must be one that is known, got \"gpt3-175\"; did you mean"
            + " gpt3-175b? ergometer predict --published lists them",
        "--parameters 1B | parameters must come with tokens, got 1B alone; set --tokens",
        "--tokens 1M --steps 5 | tokens and steps both say how long the run is, got tokens 1M; leave"
            + " one of the two out",
        "--devices 8 | time must come from a peak that is known; set --device or --peak",
        "--region FR | time must come from a peak that is known; set --device or --peak",
        "--peak 1e12 --utilization 1.5 | utilization must be > 0 and <= 1, got 1.5; set"
            + " --utilization",
        "--peak 1e12 --price NaN | price must be a number, got \"NaN\"; write it like 0.001 or 1e-3",
        "--device a100 --region Frence | region must be one that is known, got \"Frence\"; did you"
            + " mean France? --intensity takes any figure",
        "--parameters 1B --tokens 1B --recompute attention | recompute attention must come with a"
            + " model's sizes, got parameters 1B alone; set --recompute full or none, or the sizes",
        "--peak a100 | peak must be a number, got the device a100; set --device a100 for its peak",
        "--value-dim 3 | query-latent, rotary-dim and value-dim belong to latent attention; set"
            + " --kv-latent",
        "--preset deepseek-v3 --rotary-dim 63 | rotary-dim must be even, since channels turn in pairs,"
            + " got 63; set --rotary-dim",
        "--preset deepseek-v3 --layers 3 | dense-layers must be below layers, got 3 of 3; set"
            + " --dense-layers or --layers",
        "--batch 0 | batch must be >= 1, got 0; set --batch",
        "--layers 3G | layers must be <= 2147483647, got 3000000000; set --layers",
        "--batch 1e12 | batch must be <= 2147483647, got 1000000000000; set --batch",
        "--parameters 1B --tokens 1B --batch 7 | parameters come with a number of tokens and no"
            + " batches or steps, got 1B; leave --batch and --steps out",
      })
  void saysValueRuleAndRemedy(String options, String message) {
    CommandLineRun wrong = run(options);

    assertThat(wrong.err()).isEqualTo("ergometer: " + message + System.lineSeparator());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--layers 2M --width 2M --heads 1", "--vocabulary 2M --width 2M"})
  void hugeModelsAreCountedOrRefused(String options) {
    CommandLineRun run = run(options + " --context 1 --tokens 1");

    assertThat(run.exitCode()).isIn(0, 2);
    assertThat(run.err().lines().count()).isLessThanOrEqualTo(1);
  }

  private static long component(JsonNode flops, String component, String phase) {
    for (JsonNode row : flops.path("components")) {
      if (row.path("component").asText().equals(component)
          && row.path("phase").asText().equals(phase)) {
        return row.path("flops").asLong();
      }
    }
    throw new AssertionError("no " + component + " in " + phase);
  }

  private static BigInteger sum(JsonNode flops) {
    BigInteger sum = BigInteger.ZERO;
    for (JsonNode row : flops.path("components")) {
      sum = sum.add(new BigInteger(row.path("flops").asText()));
    }
    return sum;
  }

  /** 2 batches of 3 sequences of 8 bytes are a step of 48 tokens; 100 tokens are three of them. */
  @Test
  void aFileSaysAllThatATrainingDoes(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("run.yaml");
    Files.writeString(
        file,
        """
        layers: 1
        width: 8
        heads: 2
        context: 8
        batch: 3
        accumulate: 2
        tokens: 100
        tokenizer: byte
        optimizer: sgd
        momentum: 0
        """);

    JsonNode json = json("--config " + file);

    assertThat(json.path("tokens").asLong()).isEqualTo(144);
    assertThat(json.path("steps").asLong()).isEqualTo(3);
    assertThat(json.at("/model/vocabulary").asInt()).isEqualTo(256);
    assertThat(json.at("/memory/float32/optimizer_bytes").asLong()).isZero();
    assertThat(json.path("batch").asLong()).isEqualTo(6);
    CommandLineRun twice = run("--config " + file + " --steps 4");
    assertThat(twice.exitCode()).isEqualTo(2);
    assertThat(twice.err()).contains("tokens and steps both say");
  }

  @Test
  void publishedStandsAlone() {
    CommandLineRun refused = run("--published --preset gpt2-124m");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("published").contains("--preset");
  }

  private static JsonNode json(String options) throws IOException {
    CommandLineRun run = run("--json " + options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new JsonMapper().readTree(run.out());
  }

  private static CommandLineRun run(String options) {
    return CommandLineRun.of(
        Stream.of(("predict " + options).split(" ", -1))
            .filter(word -> !word.isEmpty())
            .toArray(String[]::new));
  }
}
