package org.ergometer.runtime.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.ergometer.runtime.acceleration.Acceleration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;

/** The machine and the libraries a run was made with; a fact that cannot be had has no entry. */
public final class RunEnvironment {

  private static final Path CPU_FACTS = Path.of("/proc/cpuinfo");

  private RunEnvironment() {}

  /** Facts by name, in the order of a summary; starts ND4J if it does not run yet. */
  public static Map<String, String> describe() {
    Map<String, String> facts = new LinkedHashMap<>();
    OpExecutioner executioner = Nd4j.getExecutioner();
    Properties backend = executioner.getEnvironmentInformation();
    boolean cuda = executioner.type() == OpExecutioner.ExecutionerType.CUDA;
    facts.put("backend", cuda ? "cuda" : "cpu");
    put(facts, "blas", backend.get("blas.vendor"));
    put(facts, "blas_core", OpenBlas.core().orElse(""));
    facts.put("acceleration", cuda ? "off" : acceleration());
    put(facts, "threads", backend.get("omp.threads"));
    put(facts, "cores", backend.get("cores"));
    put(facts, "cpu", cpu());
    put(facts, "architecture", System.getProperty("os.arch"));
    put(facts, "os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    put(facts, "jdk", Runtime.version());
    put(facts, "jvm", System.getProperty("java.vm.name"));
    put(facts, "dl4j", ComputationGraph.class.getPackage().getImplementationVersion());
    put(facts, "ergometer", ErgometerVersion.text());
    return facts;
  }

  private static String acceleration() {
    Acceleration.Status status = Acceleration.status();
    if (status instanceof Acceleration.Status.On on && Acceleration.inUse()) {
      return on.library();
    }
    return status instanceof Acceleration.Status.Unavailable ? "unavailable" : "off";
  }

  private static void put(Map<String, String> facts, String name, @Nullable Object value) {
    if (value != null && !value.toString().isBlank()) {
      facts.put(name, value.toString());
    }
  }

  /** The processor's name as Linux tells it; empty elsewhere. */
  private static String cpu() {
    if (!Files.isReadable(CPU_FACTS)) {
      return "";
    }
    try (Stream<String> lines = Files.lines(CPU_FACTS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
