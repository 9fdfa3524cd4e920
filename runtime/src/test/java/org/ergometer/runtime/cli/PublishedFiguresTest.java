package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.ergometer.accounting.energy.PublishedFootprint;
import org.ergometer.accounting.predict.PublishedCompute;
import org.ergometer.accounting.predict.PublishedUtilization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published tables, row by row, through the commands that somebody would check them with. */
class PublishedFiguresTest {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** Every FLOPs figure that follows from a model and its tokens. */
  @Test
  void compute() throws IOException {
    int rows = 0;
    for (PublishedCompute row : PublishedCompute.all()) {
      if (row.tokens() == null || isOurOwnConvention(row.convention())) {
        continue;
      }
      JsonNode json =
          json(
              row.preset() == null
                  ? "predict --parameters %s --tokens %s"
                      .formatted(
                          Objects.requireNonNull(row.parameters()).toPlainString(),
                          row.tokens().toPlainString())
                  : "predict --preset %s --tokens %s"
                      .formatted(row.preset().name(), row.tokens().toPlainString()));
      double ours = json.path("conventions_double").path(row.convention()).asDouble();
      double tolerance = row.note().isEmpty() ? 0.01 : 0.03;
      assertThat(ours / row.flops().doubleValue())
          .as(row.label())
          .isBetween(1 - tolerance, 1 + tolerance);
      rows++;
    }
    assertThat(rows).isGreaterThan(20);
  }

  /** Half of an encoder-decoder, and four forward passes: no convention of a command. */
  private static boolean isOurOwnConvention(String convention) {
    return List.of("three_n", "chinchilla_body_recomputed").contains(convention);
  }

  /** Every figure with a throughput; 3 digits are printed, times to 10 ms. */
  @Test
  void utilization() throws IOException {
    int rows = 0;
    for (PublishedUtilization row : PublishedUtilization.all()) {
      PublishedUtilization.Throughput done = row.throughput();
      if (done.deviceFlops() != null || row.convention().equals("palm_rematerialized")) {
        continue;
      }
      boolean selective = row.convention().equals("megatron_selective");
      String options =
          "utilization --layers %d --width %d --heads %d --vocabulary %d --context %d --parameters"
              + " %d --devices %d --peak %s --recompute %s %s";
      JsonNode json =
          json(
              options.formatted(
                      row.shape().layers(),
                      row.shape().width(),
                      row.shape().heads(),
                      row.shape().vocabulary(),
                      row.shape().context(),
                      row.shape().parameters(),
                      row.devices(),
                      row.peak(),
                      selective ? "attention" : "none",
                      done.tokens() == null
                          ? "--batch %s --step-seconds %s"
                              .formatted(done.sequences(), done.stepSeconds())
                          : "--tokens-per-second " + done.tokens())
                  + " --head-dim "
                  + row.shape().headDim());
      assertThat(json.path(row.figure()).asDouble())
          .as(row.label())
          .isCloseTo(row.printed().doubleValue(), within(0.0021));
      rows++;
    }
    assertThat(rows).isGreaterThan(10);
  }

  /** The two training times of Narayanan et al. 2021, section 5.1: 34 and 84 days. */
  @ParameterizedTest
  @CsvSource({"175B, 300B, 1024, 140e12, 34", "1008B, 450B, 3072, 163e12, 84"})
  void daysOfMegatron(String parameters, String tokens, int devices, String speed, double days)
      throws IOException {
    JsonNode json =
        json(
            ("predict --parameters %s --tokens %s --devices %s --peak %s --utilization 1"
                    + " --recompute full")
                .formatted(parameters, tokens, devices, speed));

    assertThat(json.path("time").path("seconds").asDouble() / 86_400).isCloseTo(days, within(0.5));
  }

  /** Biderman et al. 2023, table 1: parameters without embeddings, to the last digit. */
  @ParameterizedTest
  @CsvSource({
    "pythia-70m, 18915328",
    "pythia-160m, 85056000",
    "pythia-410m, 302311424",
    "pythia-1b, 805736448",
    "pythia-1.4b, 1208602624",
    "pythia-2.8b, 2517652480",
    "pythia-6.9b, 6444163072",
    "pythia-12b, 11327027200",
  })
  void pythiaWithoutEmbeddings(String preset, long parameters) throws IOException {
    assertThat(
            json("predict --preset " + preset)
                .path("model")
                .path("non_embedding_parameters")
                .asLong())
        .isEqualTo(parameters);
  }

  @Test
  void footprints() throws IOException {
    for (PublishedFootprint row : PublishedFootprint.all()) {
      String intensity =
          row.intensity() == null
              ? ""
              : " --intensity " + row.intensity().kilogramsPerKilowattHour();
      JsonNode json =
          json(
              "footprint --device-hours %s --watts %s --pue %s%s"
                  .formatted(row.deviceHours(), row.watts(), row.pue().ratio(), intensity));
      if (row.megawattHours() != null) {
        assertThat(json.path("energy_kwh").asDouble() / 1e3 / row.megawattHours().doubleValue())
            .as(row.label())
            .isCloseTo(1, within(0.014));
      }
      if (row.tonnes() != null) {
        assertThat(json.path("co2e_grams").asDouble() / 1e6 / row.tonnes().doubleValue())
            .as(row.label())
            .isCloseTo(1, within(0.014));
      }
    }
  }

  /** Hoffmann et al. 2022, table 3, approach 1, held by 20 tokens a parameter. */
  @ParameterizedTest
  @CsvSource({
    "1.92e19, 0.4e9, 8.0e9",
    "1.21e20, 1e9, 20.2e9",
    "1.23e22, 10e9, 205.1e9",
    "5.76e23, 67e9, 1.5e12",
    "3.85e24, 175e9, 3.7e12",
    "9.90e24, 280e9, 5.9e12",
    "3.43e25, 520e9, 11.0e12",
    "1.27e26, 1000e9, 21.2e12",
    "1.30e28, 10000e9, 216.2e12",
  })
  void twentyTokensAParameterIsHoffmannsTable3(String flops, double parameters, double tokens)
      throws IOException {
    JsonNode json = json("plan --law tokens-per-parameter --ratio 20 --flops " + flops);

    assertThat(json.path("parameters").asDouble() / parameters).isBetween(0.98, 1.05);
    assertThat(json.path("tokens").asDouble() / tokens).isBetween(0.92, 1.03);
  }

  private static JsonNode json(String command) throws IOException {
    CommandLineRun run = CommandLineRun.of((command + " --json").split(" +"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return MAPPER.readTree(run.out());
  }
}
