package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ergometer.runtime.backend.FakeNvml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {

  private final Path directory;

  DoctorCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void tellsWhatThisMachineOffers() throws IOException {
    CommandLineRun command =
        CommandLineRun.of(
            "doctor", "--json", "--cpu-watts", "100", "--powercap-root", directory + "/none");

    assertThat(command.exitCode()).as(command.err()).isZero();
    JsonNode json = new JsonMapper().readTree(command.out());
    assertThat(json.path("schema").asText()).isEqualTo("ergometer.doctor/1");
    assertThat(json.path("backend").asText()).isEqualTo("cpu");
    assertThat(json.path("blas").path("library").asText()).isNotEmpty();
    assertThat(json.path("peaks").path(0).path("dtype").asText()).isEqualTo("float32");
    assertThat(json.path("peaks"))
        .allSatisfy(peak -> assertThat(peak.path("flops_per_second").asDouble()).isPositive());
    assertThat(json.path("energy"))
        .anySatisfy(
            sensor -> {
              assertThat(sensor.path("sensor").asText()).isEqualTo("rapl");
              assertThat(sensor.path("readable").asBoolean()).isFalse();
              assertThat(sensor.path("reason").asText()).contains("does not exist");
            })
        .anySatisfy(
            sensor -> {
              assertThat(sensor.path("sensor").asText()).isEqualTo("power_model cpu");
              assertThat(sensor.path("reason").asText()).contains("100.0 W (given)");
            });
    assertThat(json.path("gpu").isArray()).isTrue();
  }

  @Test
  void tellsGpusAndSensorsAndWhyTheyCannotBeUsed() throws IOException, InterruptedException {
    Path zone = Files.createDirectories(directory.resolve("powercap/intel-rapl:0"));
    Files.writeString(zone.resolve("name"), "package-0\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), "262143328850\n");
    Files.writeString(zone.resolve("energy_uj"), "12345\n");
    Path nvml = FakeNvml.of(directory, "NVIDIA H200", 9, 0);

    CommandLineRun command =
        CommandLineRun.of(
            "doctor",
            "--nvml-library",
            nvml.toString(),
            "--powercap-root",
            directory.resolve("powercap").toString());

    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(command.out())
        .contains("rapl package-0: a whole processor")
        .contains("nvml_counter gpu-0: the whole NVIDIA H200 0")
        .contains("GPU 0 is NVIDIA H200 0 (sm_90), 20.0 of 24.0 GiB free, driver 550.54.15")
        .contains("not usable");
  }

  @Test
  void refusesALibraryThatIsNoneInOneLine() {
    CommandLineRun command = CommandLineRun.of("doctor", "--nvml-library", "/none.so");

    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.err()).contains("nvml-library must be a file that exists").hasLineCount(1);
  }

  @Test
  void refusesToTrainOnAGpuThatCannotBeUsed() throws IOException, InterruptedException {
    Path nvml = FakeNvml.of(directory, "NVIDIA H200", 9, 0);

    CommandLineRun command =
        CommandLineRun.of(
            "train", "--backend", "cuda", "--nvml-library", nvml.toString(), "--no-metrics");

    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.err())
        .contains("backend cuda cannot be used: GPU 0 is NVIDIA H200 0 (sm_90)")
        .contains("train with --backend cpu")
        .hasLineCount(1);
  }
}
