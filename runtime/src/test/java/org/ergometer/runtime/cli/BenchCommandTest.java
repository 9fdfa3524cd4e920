package org.ergometer.runtime.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BenchCommandTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return Main.run(
        new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), arguments);
  }

  /** As users start it: whether ops are counted is settled when ND4J starts, once a process. */
  private static Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "bench",
            "--layers=1",
            "--width=16",
            "--heads=2",
            "--context=8",
            "--batch=2",
            "--seconds=0.01",
            "--cpu-watts=50",
            "--json")
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void printsOneObjectWithWhatWasMeasured() throws Exception {
    Process process = start();
    JsonNode json = new JsonMapper().readTree(process.getInputStream());

    assertThat(process.waitFor()).isZero();
    assertThat(json.path("schema").asText()).isEqualTo("ergometer.bench/1");
    assertThat(json.path("peaks").findValuesAsText("dtype"))
        .containsExactly("float32", "float64", "bfloat16", "float16");
    for (JsonNode peak : json.path("peaks")) {
      assertThat(peak.path("now_flops_per_second").asDouble())
          .isPositive()
          .isLessThanOrEqualTo(peak.path("flops_per_second").asDouble());
    }
    assertThat(json.at("/memory_bandwidth/copy_bytes_per_second").asDouble()).isPositive();
    assertThat(json.at("/energy_sampling/domains").asInt()).isPositive();
    assertThat(json.at("/energy_sampling/core_ratio").asDouble()).isBetween(0.0, 0.5);
    assertThat(json.path("products")).hasSize(5);
    assertThat(json.at("/products/0/m").asInt()).isEqualTo(2 * 8);
    for (JsonNode product : json.path("products")) {
      assertThat(product.path("of_peak").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(json.at("/products/0/n").asInt()).isEqualTo(3 * 16);
    double phases = 0;
    for (JsonNode phase : json.at("/step/phases")) {
      assertThat(phase.path("flops_per_second").asDouble()).isPositive();
      phases += phase.path("seconds").asDouble();
    }
    assertThat(json.at("/step/phases").size()).isEqualTo(3);
    assertThat(phases).isPositive();
    double flops = 0;
    for (JsonNode op : json.path("ops")) {
      assertThat(op.path("executions").asDouble()).isPositive();
      assertThat(op.path("share").asDouble()).isBetween(0.0, 1.0);
      flops += op.path("flops_per_second").asDouble() * op.path("seconds").asDouble();
    }
    double counted = 0;
    for (JsonNode phase : json.at("/step/phases")) {
      counted += phase.path("flops_per_second").asDouble() * phase.path("seconds").asDouble();
    }
    assertThat(flops).isCloseTo(counted, within(0.01 * counted));
    assertThat(json.at("/step/mfu").asDouble()).isBetween(0.0, 1.0);
    assertThat(json.at("/overhead/ratio_lower_quartile").asDouble())
        .isLessThanOrEqualTo(json.at("/overhead/ratio").asDouble());
  }

  @Test
  void refusesNoTime() {
    assertThat(run("bench", "--seconds", "0")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("seconds").contains("got 0");
  }
}
