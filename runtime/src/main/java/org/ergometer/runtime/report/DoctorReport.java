package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ergometer.accounting.energy.SensorStatus;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.runtime.backend.BackendChoice;
import org.ergometer.runtime.backend.CudaLibrary;
import org.ergometer.runtime.backend.Gpu;
import org.ergometer.runtime.backend.Gpus;
import org.ergometer.runtime.peak.DatedPeak;
import org.jspecify.annotations.Nullable;

/** What a machine offers, as JSON, schema {@code ergometer.doctor/1}, and as text. */
public final class DoctorReport {

  private static final Path CPU_FACTS = Path.of("/proc/cpuinfo");
  private static final double GIGA = 1e9;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins with the backend.
   *
   * @param environment facts of a run's environment by name
   */
  public DoctorReport(BackendChoice backend, Map<String, String> environment) {
    json.put("schema", "ergometer.doctor/1");
    json.put("backend", backend.backend().label());
    json.put("backend_reason", backend.reason());
    line("backend", "%s: %s", backend.backend().label(), backend.reason());
    ObjectNode blas = json.putObject("blas");
    put(blas, "library", environment.get("blas"));
    put(blas, "core", environment.get("blas_core"));
    line(
        "BLAS",
        "%s, kernels for %s",
        environment.getOrDefault("blas", "unknown"),
        environment.getOrDefault("blas_core", "an unknown core"));
    put(json, "acceleration", environment.get("acceleration"));
    line("acceleration", "%s", environment.getOrDefault("acceleration", "off"));
    List<String> simd = simd(CPU_FACTS);
    if (!simd.isEmpty()) {
      simd.forEach(json.putArray("simd")::add);
      line("SIMD", "%s", String.join(" ", simd));
    }
    json.set("environment", environment(environment));
    for (String fact : List.of("cpu", "cores", "threads", "os", "jdk")) {
      if (environment.containsKey(fact)) {
        line(fact, "%s", environment.get(fact));
      }
    }
  }

  private static ObjectNode environment(Map<String, String> facts) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    facts.forEach(node::put);
    return node;
  }

  /** Instruction sets for vectors and matrices, as Linux names them; empty elsewhere. */
  static List<String> simd(Path cpuFacts) {
    try {
      return Files.readAllLines(cpuFacts).stream()
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .limit(1)
          .flatMap(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).split(" ", -1)))
          .filter(flag -> flag.matches("sse4_2|f16c|fma|avx.*|amx.*|asimd.*|sve.*|sme[0-9]?"))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Adds the best measurements of matrix products, of today or before. */
  public void addPeaks(List<DatedPeak> peaks) {
    for (DatedPeak dated : peaks) {
      Peak peak = dated.peak();
      String type = peak.type() == null ? "" : peak.type().label();
      ObjectNode node =
          json.withArray("peaks")
              .addObject()
              .put("dtype", type)
              .put("flops_per_second", peak.flopsPerSecond())
              .put("source", peak.origin().label());
      if (dated.measured() != null) {
        node.put("measured", dated.measured().toString());
      }
      line(
          "peak " + type,
          "%s GFLOP/s (%s%s: %s)",
          String.format(Locale.ROOT, "%.1f", peak.flopsPerSecond() / GIGA),
          peak.origin().label(),
          dated.measured() == null ? "" : " on " + dated.measured(),
          "best matrix product of ND4J until now; bench measures again");
    }
  }

  /** Adds the sensors of energy that were looked for. */
  public void addSensors(List<SensorStatus> sensors) {
    json.putArray("energy");
    for (SensorStatus sensor : sensors) {
      ObjectNode node =
          json.withArray("energy")
              .addObject()
              .put("sensor", sensor.sensor())
              .put("readable", sensor.readable())
              .put("counted", sensor.counted())
              .put("reason", sensor.reason());
      put(node, "remedy", sensor.remedy());
      line("energy", "%s%s", sensor.readable() ? "" : "not readable: ", sensor.line());
    }
  }

  /**
   * Adds what the driver says, and whether ND4J can compute on it.
   *
   * @param library null where ND4J's CUDA build is not on the class path, or cannot be read
   */
  public void addGpus(Gpus gpus, @Nullable CudaLibrary library) {
    json.putArray("gpu");
    if (gpus instanceof Gpus.Unknown unknown) {
      json.put("gpu_reason", unknown.reason());
      line("GPU", "none: %s", unknown.reason());
    } else if (gpus instanceof Gpus.Listed listed) {
      json.put("driver", listed.driver());
      listed.gpus().forEach(gpu -> add(gpu, listed, library));
    }
  }

  private void add(Gpu gpu, Gpus.Listed driver, @Nullable CudaLibrary library) {
    String obstacle = BackendChoice.obstacle(gpu, driver, library);
    ObjectNode node =
        json.withArray("gpu")
            .addObject()
            .put("index", gpu.index())
            .put("name", gpu.name())
            .put("compute_capability", gpu.capability().toString())
            .put("mig", gpu.mig());
    if (gpu.memoryBytes() != null) {
      node.put("memory_bytes", gpu.memoryBytes());
    }
    if (gpu.freeBytes() != null) {
      node.put("free_bytes", gpu.freeBytes());
    }
    if (gpu.celsius() != null) {
      node.put("celsius", gpu.celsius());
    }
    node.put("usable", obstacle == null);
    put(node, "reason", obstacle);
    line(
        "GPU",
        "%s%s, driver %s: %s",
        gpu.describe(),
        gpu.memory(),
        driver.driver(),
        obstacle == null ? "usable" : "not usable: " + obstacle);
  }

  /** Adds ND4J's CUDA build, or that it is not on the class path. */
  public void addLibrary(@Nullable CudaLibrary library) {
    if (library == null) {
      line("CUDA build", "not fetched; ./ergometer train --backend cuda does, where a GPU is");
      return;
    }
    ObjectNode node = json.putObject("cuda_library").put("artifact", library.artifact());
    library.code().binaries().forEach(code -> node.withArray("machine_code").add(code.toString()));
    library.code().intermediate().forEach(code -> node.withArray("ptx").add(code.toString()));
    library.missing().forEach(name -> node.withArray("missing").add(name));
    line(
        "CUDA build",
        "%s holds %s%s",
        library.artifact(),
        library.code().describe(),
        library.missing().isEmpty()
            ? ""
            : "; not found: " + String.join(" and ", library.missing()));
  }

  /** Adds that ND4J's CUDA build is there and cannot be read. */
  public void addUnreadableLibrary(String reason) {
    json.put("cuda_library_reason", reason);
    line("CUDA build", "unreadable: %s", reason);
  }

  public String json() {
    return json.toPrettyString() + "\n";
  }

  /** Lines, each ended by {@code \n}. */
  public String text() {
    return text.toString();
  }

  private void line(String name, String format, Object... values) {
    List<Object> all = new ArrayList<>(List.of(name));
    all.addAll(Arrays.asList(values));
    text.append(String.format(Locale.ROOT, "%-14s " + format, all.toArray())).append('\n');
  }

  private static void put(ObjectNode node, String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      node.put(key, value);
    }
  }
}
