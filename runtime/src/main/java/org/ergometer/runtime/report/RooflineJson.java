package org.ergometer.runtime.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ergometer.accounting.utilization.Peak;
import org.ergometer.accounting.utilization.Roofline;
import org.jspecify.annotations.Nullable;

/**
 * Where work stands under the machine's roofline (Williams, Waterman and Patterson 2009): absent
 * while the peak or the memory's bandwidth is unknown.
 */
final class RooflineJson {

  private static final String MEMORY = "memory";
  private static final String COMPUTE = "compute";

  private RooflineJson() {}

  static @Nullable Roofline of(RunFacts facts) {
    Peak peak = facts.peak();
    Double bytesPerSecond = facts.bytesPerSecond();
    return peak == null || bytesPerSecond == null
        ? null
        : new Roofline(peak.flopsPerSecond(), bytesPerSecond);
  }

  /** The roofline itself. */
  static void put(ObjectNode json, RunFacts facts) {
    Roofline roofline = of(facts);
    if (roofline != null) {
      json.putObject("roofline")
          .put("flops_per_second", roofline.flopsPerSecond())
          .put("bytes_per_second", roofline.bytesPerSecond())
          .put("ridge_flops_per_byte", roofline.ridge());
    }
  }

  /** What limits work of an intensity, and how fast it can be at most. */
  static void put(ObjectNode row, Roofline roofline, double intensity) {
    row.put("attainable_flops_per_second", roofline.attainable(intensity));
    row.put("bound", roofline.memoryBound(intensity) ? MEMORY : COMPUTE);
  }

  /** Lines for people; empty where nothing is known. */
  static String lines(JsonNode summary) {
    JsonNode roofline = summary.path("roofline");
    if (roofline.isMissingNode()) {
      return "";
    }
    JsonNode classes = summary.path("flops").path("op_classes");
    return String.format(
            Locale.ROOT,
            "Roofline: %s FLOP/s and %s bytes/s of memory meet at %.1f FLOP/B\n",
            Figure.power(roofline.path("flops_per_second").asDouble()),
            Figure.power(roofline.path("bytes_per_second").asDouble()),
            roofline.path("ridge_flops_per_byte").asDouble())
        + line("below, limited by memory: ", classes, MEMORY)
        + line("above, limited by compute: ", classes, COMPUTE);
  }

  private static String line(String head, JsonNode classes, String bound) {
    List<String> names = new ArrayList<>();
    for (JsonNode row : classes) {
      if (row.path("bound").asText().equals(bound)) {
        names.add(row.path("op_class").asText());
      }
    }
    return names.isEmpty() ? "" : "  " + head + String.join(", ", names) + "\n";
  }
}
