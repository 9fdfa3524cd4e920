package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FootprintCommandTest {

  /** LLaMA 7B: 82 432 h × 400 W × 1.1 = 36 270.08 kWh, × 0.385 = 13.964 t. */
  @Test
  void isOneObjectWithTheKeysOfTheContract() throws IOException {
    JsonNode json =
        json("--device-hours 82432 --watts 400 --pue 1.1 --intensity 0.385 --price 1.5");

    assertThat(json.path("schema").asText()).isEqualTo("ergometer.footprint/1");
    assertThat(json.path("energy_kwh").asDouble()).isCloseTo(36_270.08, within(1e-6));
    assertThat(json.path("energy_joules").asDouble()).isCloseTo(36_270.08 * 3.6e6, within(1.0));
    assertThat(json.path("co2e_grams").asDouble()).isCloseTo(13_963_980.8, within(1e-3));
    assertThat(json.path("usd").asDouble()).isEqualTo(123_648);
  }

  @Test
  void whatIsNotGivenIsAbsent() throws IOException {
    assertThat(json("--device-hours 10 --watts 100").fieldNames())
        .toIterable()
        .contains("energy_joules")
        .doesNotContain("co2e_grams", "usd", "claim", "region");
    assertThat(json("--device-hours 10 --price 2").fieldNames())
        .toIterable()
        .contains("usd")
        .doesNotContain("energy_joules", "energy_kwh", "co2e_grams");
  }

  @Test
  void regionAndRatedPowerSayWhereTheyAreFrom() {
    CommandLineRun text = run("--device-hours 1M --device a100 --region france");

    // 1e6 h × 400 W = 400 MWh, × 0.056 = 22.4 t
    assertThat(text.out())
        .contains(
            "400,000 kWh",
            "400 W each: rated power of a100, an estimate",
            "22.4 t CO2e",
            "0.056 kg/kWh: France, 2023 (Ember");
    assertThat(text.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"433.196k", "433.196MWh", "1559505600000J", "1.5595056TJ"})
  void energyMayBeGivenInOtherUnits(String energy) throws IOException {
    assertThat(json("--intensity 0.057 --energy " + energy).path("co2e_grams").asDouble())
        .isCloseTo(24.692172e6, within(1.0));
  }

  /** What is said of GPT-4. */
  @Test
  void impossibleClaimsAreFlagged() throws IOException {
    CommandLineRun claim = run("--flops 2.1e25 --energy 3600MWh --device a100 --json");
    JsonNode json = new JsonMapper().readTree(claim.out()).path("claim");

    assertThat(claim.exitCode()).isZero();
    assertThat(claim.err())
        .contains("warning: impossible: 6.171e-13 J per FLOP", "at least 7,479 MWh");
    assertThat(json.path("possible").asBoolean()).isFalse();
    assertThat(json.path("contradictions")).hasSize(1);
    assertThat(possible("--flops 2.1e25 --energy 42400MWh --device a100")).isTrue();
    // even the most efficient device that is known needs more than a hundredth of it
    assertThat(possible("--flops 2.1e25 --energy 36MWh")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --device-hours -5 --watts 4                  | device-hours must be > 0, got -5; set --device-hours
          --device-hours 5 --watts 0                   | watts must be > 0, got 0; set --watts
          --device-hours NaN --watts 1                 | device-hours must be a number, got "NaN"; write it like 0.001 or 1e-3
          --device-hours 5 --price NaN                 | price must be a number, got "NaN"; write it like 0.001 or 1e-3
          --device-hours 5 --price -1                  | price must be >= 0 USD per device-hour, got -1.0; set --price
          --device-hours 5 --watts 3 --pue 0.9         | pue must be >= 1, got 0.9; set --pue, 1.1 in a large data centre
          --device-hours 5 --watts 3 --intensity -1    | intensity must be >= 0 kg CO2e per kWh, got -1.0; set --intensity or --region
          --device-hours 5 --watts 3 --region Frence   | region must be one that is known, got "Frence"; did you mean France? --intensity takes any figure
          --energy 3 --region FR --intensity 1         | intensity must be said once, got intensity 1 and region FR; leave one of the two out
          --device-hours 5 --device al00               | device must be one that is known, got "al00"; did you mean a100?
          --device-hours 5                             | nothing follows from what is given; set --device-hours with --watts, or with --price, or --energy
          --energy 5 --flops 1e20 --device t4 --dtype bf16 | dtype must be one with a known peak, got bfloat16 of t4; known are float32, float16
          --energy 5 --flops 1e20 --device t4 --dtype f16  | dtype must be one that is known, got "f16"; did you mean fp16?
          """)
  void wrongUsageIsOneLine(String options, String message) {
    CommandLineRun wrong = run(options);

    assertThat(wrong.err()).isEqualTo("ergometer: " + message + System.lineSeparator());
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.out()).isEmpty();
  }

  private static boolean possible(String options) throws IOException {
    return json(options).path("claim").path("possible").asBoolean();
  }

  private static CommandLineRun run(String options) {
    return CommandLineRun.of(("footprint " + options).split(" +"));
  }

  private static JsonNode json(String options) throws IOException {
    return new JsonMapper().readTree(run(options + " --json").out());
  }

  /** Austria is no slip for Australia, nor an H800 for an A800. */
  @ParameterizedTest
  @ValueSource(
      strings = {"Iran", "Niger", "North Korea", "Guinea", "XX", "NPL", "Georgia", "Mali", "Iraq"})
  void aSuggestionIsNeverAnotherCountry(String region) {
    CommandLineRun wrong =
        CommandLineRun.of("footprint", "--device-hours", "5", "--watts", "3", "--region", region);
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).doesNotContain("did you mean").contains("set --intensity", "FR, DE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a101", "h8000", "l5", "mi301x", "a100x", "b101", "t5"})
  void aSuggestionIsNeverAnotherDevice(String device) {
    CommandLineRun wrong =
        CommandLineRun.of("footprint", "--device-hours", "5", "--device", device);
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).doesNotContain("did you mean").contains("known are", "--peak");
  }
}
