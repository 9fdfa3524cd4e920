package org.ergometer.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.BackendChoice.Backend;
import org.ergometer.runtime.backend.BackendRequest;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.Gpus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same training on a GPU and on the CPU, each in a process of its own; skipped where no GPU can
 * be used, with the reason printed. How to run it is in docs/hardware.md.
 */
@Tag("gpu")
class GpuRunTest {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int LONG_RUN = 2000;
  private static final long GPU_MEMORY_NOISE = 64L << 20;

  private final Path directory;

  GpuRunTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeAll
  static void needsAGpu() {
    Gpus gpus = NativeBackend.gpus(null);
    BackendChoice choice =
        gpus instanceof Gpus.Listed
            ? BackendChoice.of(BackendRequest.AUTO, gpus, CudaLibrary.onClassPath())
            : BackendChoice.of(BackendRequest.AUTO, gpus, null);
    if (choice.backend() != Backend.CUDA) {
      System.out.println("GPU tests are skipped: " + choice.reason());
    }
    assumeTrue(choice.backend() == Backend.CUDA, choice.reason());
  }

  @Test
  void aStepEqualsThatOfTheCpuAndCountsTheSame() throws Exception {
    JsonNode gpu = train("cuda", 1).summary();
    JsonNode cpu = train("cpu", 1).summary();

    assertThat(gpu.path("environment").path("backend").asText()).isEqualTo("cuda");
    double loss = cpu.path("final_loss").asDouble();
    assertThat(gpu.path("final_loss").asDouble()).isCloseTo(loss, within(1e-4 * loss));
    assertThat(gpu.path("validation_loss").asDouble())
        .isCloseTo(cpu.path("validation_loss").asDouble(), within(1e-3 * loss));
    assertThat(gpu.path("flops").path("matmul")).isEqualTo(cpu.path("flops").path("matmul"));
    assertThat(gpu.path("flops").path("unaccounted_ops").asLong()).isZero();
    assertThat(gpu.path("flops").path("accounting_errors").asLong()).isZero();
    double norm = gradientNorm("cpu1");
    assertThat(gradientNorm("cuda1")).isCloseTo(norm, within(1e-3 * norm));
    assertThat(gpu.path("reconciliation").path("residual").asLong()).isZero();
  }

  /** Of the only step: it tells whether the backward pass is right, as the loss does not. */
  private double gradientNorm(String run) throws IOException {
    Path log = directory.resolve(run).resolve("log.jsonl");
    return Files.readAllLines(log).stream()
        .map(GpuRunTest::parse)
        .filter(line -> line.has("gradient_norm"))
        .mapToDouble(line -> line.path("gradient_norm").asDouble())
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode parse(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void energyIsPlausibleAndMemoryStaysFlat() throws Exception {
    Trained trained = train("cuda", LONG_RUN);

    JsonNode energy = trained.summary().path("energy");
    assertThat(energy.path("method").asText()).contains("nvml");
    double seconds =
        LONG_RUN * trained.summary().path("throughput").path("median_step_seconds").asDouble();
    double watts = energy.path("joules").asDouble() / seconds;
    assertThat(watts).as("watts of GPU and host").isBetween(5.0, 5000.0);
    List<Long> memory = trained.usedBytes();
    long middle = memory.get(memory.size() / 2);
    assertThat(memory.get(memory.size() - 1)).isLessThanOrEqualTo(middle + GPU_MEMORY_NOISE);
  }

  /** A summary, and the memory of the first GPU that was in use, looked at again and again. */
  private record Trained(JsonNode summary, List<Long> usedBytes) {}

  private Trained train(String backend, int steps) throws IOException, InterruptedException {
    Path out = directory.resolve(backend + steps + ".json");
    Path err = directory.resolve(backend + steps + ".txt");
    Path run = directory.resolve(backend + steps);
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    String options =
        "train --json --no-metrics --warmup 0 --eval-batches 2 --backend %s --steps %d";
    words.addAll(List.of(options.formatted(backend, steps).split(" ")));
    words.addAll(List.of("--run", run.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putIfAbsent("CUDA_VISIBLE_DEVICES", "0"); // as the launcher does
    builder.environment().putIfAbsent("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    Process process = builder.start();
    List<Long> used = new ArrayList<>();
    while (process.isAlive()) {
      Thread.sleep(500);
      if (NativeBackend.gpus(null) instanceof Gpus.Listed listed) {
        Long all = listed.gpus().get(0).memoryBytes();
        Long free = listed.gpus().get(0).freeBytes();
        used.add(Objects.requireNonNull(all) - Objects.requireNonNull(free));
      }
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    used.remove(used.size() - 1); // of a process that has ended
    return new Trained(MAPPER.readTree(out.toFile()), used);
  }
}
