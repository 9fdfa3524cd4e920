package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {

  private final Path directory;

  PlanCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void isOneObjectWithTheKeysOfTheContract() throws IOException {
    JsonNode json = json("--flops 1e21");

    assertThat(json.path("schema").asText()).isEqualTo("ergometer.plan/1");
    assertThat(json.path("law").asText()).isEqualTo("hoffmann");
    assertThat(json.path("flops").asDouble()).isEqualTo(1e21);
    assertThat(json.path("parameters").asDouble() / 1.8242e9).isCloseTo(1, within(1e-4));
    assertThat(json.path("tokens").asDouble() / 9.1363e10).isCloseTo(1, within(1e-4));
    assertThat(json.path("tokens_per_parameter").asDouble()).isCloseTo(50.08, within(0.01));
    assertThat(json.path("predicted_loss").asDouble()).isCloseTo(2.3289, within(5e-5));
    assertThat(json.path("fitted").path("parameters").path(1).asDouble()).isEqualTo(16e9);
    assertThat(json.path("frontier")).hasSize(5);
  }

  @Test
  void ratioHasNoLoss() throws IOException {
    JsonNode json = json("--flops 5.88e23 --law tokens-per-parameter --ratio 20");

    assertThat(json.path("parameters").asDouble() / 70e9).isCloseTo(1, within(1e-12));
    assertThat(json.path("tokens").asDouble() / 1.4e12).isCloseTo(1, within(1e-12));
    assertThat(json.has("predicted_loss")).isFalse();
    assertThat(json.path("frontier").path(0).has("predicted_loss")).isFalse();
    assertThat(json("--flops 5.88e23 --ratio 20")).isEqualTo(json);
  }

  /** 50 000 USD at 2 USD are 25 000 h, at 40 % of 989e12 FLOP/s 3.5604e22 FLOP. */
  @Test
  void moneyAndHoursBuyFlops() throws IOException {
    JsonNode money = json("--usd 50k --price 2 --device h100 --law besiroglu");
    JsonNode hours = json("--hours 250 --devices 100 --device h100 --law besiroglu");

    assertThat(money.path("flops").asDouble() / 3.5604e22).isCloseTo(1, within(1e-9));
    assertThat(hours.path("flops")).isEqualTo(money.path("flops"));
    assertThat(money.path("budget").path("utilization").asDouble()).isEqualTo(0.4);
    assertThat(money.path("budget").path("peak_source").asText()).isEqualTo("table");
    JsonNode twice = money.path("frontier").path(2);
    // saved FLOPs, by 989e12 · 0.4 FLOP/s, by 3600 s, times 2 USD
    assertThat(twice.path("inference_usd_saved_per_million_tokens").asDouble())
        .isCloseTo(
            twice.path("inference_flops_saved_per_million_tokens").asDouble()
                / (989e12 * 0.4 * 3600)
                * 2,
            within(1e-9));
    assertThat(hours.path("frontier").path(2).has("inference_usd_saved_per_million_tokens"))
        .isFalse();
  }

  @Test
  void textNamesLawIntervalAndAssumption() {
    CommandLineRun text = run("--hours 10 --device v100 --law hoffmann-precise");

    assertThat(text.out())
        .contains(
            "Law: hoffmann-precise, L = 1.69337 + 406.401/N^0.33917084 + 410.723/D^0.2849083",
            "fitted on 70M to 16B parameters and 5B to 500B tokens",
            "40 % of 1.25e14 FLOP/s (v100, float16, dense: NVIDIA V100",
            "the share is an assumption",
            "over-trained 10x");
    assertThat(run("--flops 1e25").out())
        .contains("! the optimum, ", "lies outside of where hoffmann was fitted", "rounded");
  }

  @Test
  void lawOfAFile() throws IOException {
    Path file = directory.resolve("law.yaml");
    Files.writeString(file, "E: 1.8172\nA: 482.01\nB: 2085.43\nalpha: 0.3478\nbeta: 0.3658\n");
    JsonNode json = json("--flops 1e21 --law fitted:" + file);

    assertThat(json.path("predicted_loss"))
        .isEqualTo(json("--flops 1e21 --law besiroglu").path("predicted_loss"));
    assertThat(json.has("fitted")).isFalse();
    Files.writeString(file, "{\"E\":1,\"A\":2,\"B\":3,\"alpha\":0.3,\"beta\":0.4}");
    assertThat(json("--flops 1e21 --law fitted:" + file).path("predicted_loss").asDouble())
        .isGreaterThan(1);
    assertWrong(file, "E: 1\n", "A must be a number, got none; write a line like \"A: 0.34\"");
    assertWrong(file, "E: 1\nA: NaN\n", "A must be a number, got \"NaN\"; write it like 0.001");
    assertWrong(file, "E: 1\nA: 2\nB: 3\nalpha: 0.3\nbeta: -1\n", "beta must be > 0, got -1.0");
    assertWrong(file, "Q: 1\n", "unknown name \"Q\"; known are E, A, B, alpha, beta");
    assertWrong(file, "[1, 2", "must be a mapping of names to values");
    assertWrong(file, "", "E must be a number, got none");
  }

  private void assertWrong(Path file, String content, String message) throws IOException {
    Files.writeString(file, content);
    CommandLineRun wrong = run("--flops 1e21 --law fitted:" + file);

    assertThat(wrong.err()).contains(message).hasLineCount(1);
    assertThat(wrong.exitCode()).isEqualTo(2);
  }

  @Test
  void pictureIsDrawnWithoutADisplay() throws IOException {
    for (String law : new String[] {"besiroglu", "tokens-per-parameter"}) {
      Path file = directory.resolve(law + ".png");

      CommandLineRun drawn = run("--flops 1e21 --law " + law + " --plot " + file);

      assumeThat(drawn.err()).as("a machine with fonts").doesNotContain("cannot draw text");
      assertThat(drawn.exitCode()).isZero();
      BufferedImage image = ImageIO.read(file.toFile());
      assertThat(image.getWidth()).isEqualTo(960);
      assertThat(colours(image)).isGreaterThan(5);
    }
    CommandLineRun lost = run("--flops 1e21 --plot " + directory.resolve("none/plan.png"));
    assertThat(lost.exitCode()).isEqualTo(1);
    assertThat(lost.err()).contains("cannot be made (its directory does not exist)");
    CommandLineRun other = run("--flops 1e21 --plot " + directory.resolve("plan.svg"));
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("plot must be a PNG file");
  }

  private static long colours(BufferedImage image) {
    return IntStream.range(0, image.getWidth())
        .flatMap(x -> IntStream.range(0, image.getHeight()).map(y -> image.getRGB(x, y)))
        .distinct()
        .count();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --flops 0                                        | flops must be > 0, got 0; set --flops
          --flops -1e20                                    | flops must be > 0, got -1e20; set --flops
          --flops NaN                                      | flops must be a number, got "NaN"; write it like 0.001 or 1e-3
          --law hoffmann                                   | the budget must be said once; set one of --flops, --hours and --usd
          --flops 1e20 --hours 3                           | the budget must be said once; set one of --flops, --hours and --usd
          --flops 1e20 --law hofmann                       | law must be one that is known, got "hofmann"; did you mean hoffmann?
          --flops 1e20 --law besiroglu --ratio 20          | ratio belongs to the law tokens-per-parameter, got law besiroglu; laws are never mixed: leave one of the two out
          --flops 1e20 --law hoffmann --law besiroglu      | option '--law' (NAME) should be specified only once; ergometer plan --help shows what there is
          --flops 1e20 --ratio 0                           | ratio must be > 0, got 0; set --ratio
          --hours 3                                        | hours must come with a peak that is known; set --device or --peak
          --usd 100 --device a100                          | usd must come with a price, got 100 alone; set --price, USD for a device and an hour
          --usd NaN --price 1 --device a100                | usd must be a number, got "NaN"; write it like 0.001 or 1e-3
          --hours 3 --device a100 --utilization 1.5        | utilization must be > 0 and <= 1, got 1.5; set --utilization, 0.4 for 40 %
          --hours 3 --device v100 --dtype bf16             | the peak of v100 in bfloat16 is unknown (known: float64, float32, float16); set --peak or another --dtype
          --hours 3 --device a1oo                          | device must be one that is known, got "a1oo"; did you mean a100?
          --hours 3 --device a100 --dtype bf61             | dtype must be one that is known, got "bf61"; did you mean bf16?
          --flops 1e20 --law fitted:none.yaml              | law file none.yaml does not exist; check the path given to --law fitted:FILE
          """)
  void wrongUsageIsOneLine(String options, String message) {
    CommandLineRun wrong = run(options);

    assertThat(wrong.err()).isEqualTo("ergometer: " + message + System.lineSeparator());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  private static CommandLineRun run(String options) {
    return CommandLineRun.of(("plan " + options).split(" +"));
  }

  private static JsonNode json(String options) throws IOException {
    return new JsonMapper().readTree(run(options + " --json").out());
  }
}
