package org.ergometer.runtime.telemetry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the steps of a run from its {@code log.jsonl}. */
public final class LoggedSteps {

  private static final JsonMapper MAPPER = new JsonMapper();

  private LoggedSteps() {}

  /**
   * Adds all steps of a log to a history; where a line is none, it ends.
   *
   * @param stepTokens tokens of a step, which the log does not tell
   */
  public static void read(Path log, double stepTokens, RunHistory history) throws IOException {
    if (!Files.exists(log)) {
      return;
    }
    try (BufferedReader lines = Files.newBufferedReader(log, ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode step;
        try {
          step = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
          return; // the last line of a process that was killed
        }
        history.add(entry(step, stepTokens));
      }
    }
  }

  private static RunHistory.Entry entry(JsonNode step, double stepTokens) {
    return new RunHistory.Entry(
        step.path("step").asInt(),
        step.path("loss").asDouble(Double.NaN),
        number(step, "validation_loss"),
        step.path("learning_rate").asDouble(Double.NaN),
        step.path("gradient_norm").asDouble(Double.NaN),
        stepTokens,
        stepTokens / step.path("tokens_per_second").asDouble(Double.NaN),
        number(step, "flops"),
        number(step, "joules"),
        number(step, "seconds"));
  }

  private static @Nullable Double number(JsonNode step, String key) {
    return step.has(key) ? (Double) step.path(key).asDouble() : null;
  }
}
